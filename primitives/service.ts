/** A part of the node that runs until it is told to stop. */
export interface Service {
  /** For logs and health reports. */
  readonly name: string;
  /** Resolves once the service does its work. Called once. */
  start(): Promise<void>;
  /** Resolves once all work has ended and everything is released. Calling it again is harmless. */
  stop(): Promise<void>;
}
