/**
 * The JSON description of a Sway program, as `forc build` writes it.
 * @source fuel-specs, JSON ABI format, specification version 1
 */

export type JsonTypeArgument = {
  readonly typeId: number | string;
  readonly typeArguments?: readonly JsonTypeArgument[] | null;
};

export type JsonAbi = {
  readonly programType: string;
  readonly specVersion: string;
  readonly encodingVersion: string;
  readonly concreteTypes: readonly {
    readonly type: string;
    readonly concreteTypeId: string;
    readonly metadataTypeId?: number;
    readonly typeArguments?: readonly string[] | null;
  }[];
  readonly metadataTypes: readonly {
    readonly type: string;
    readonly metadataTypeId: number;
    readonly components?: readonly (JsonTypeArgument & { readonly name: string })[] | null;
    readonly typeParameters?: readonly number[] | null;
  }[];
  readonly functions: readonly {
    readonly name: string;
    readonly inputs: readonly { readonly name: string; readonly concreteTypeId: string }[];
    readonly output: string;
    readonly attributes?:
      | readonly { readonly name: string; readonly arguments?: readonly string[] | null }[]
      | null;
  }[];
  readonly loggedTypes?: readonly { readonly logId: string; readonly concreteTypeId: string }[];
  readonly messagesTypes?: readonly {
    readonly messageId: string;
    readonly concreteTypeId: string;
  }[];
  readonly configurables?: readonly {
    readonly name: string;
    readonly concreteTypeId: string;
    readonly offset: number;
    readonly indirect?: boolean;
  }[];
  readonly errorCodes?: Readonly<
    Record<
      string,
      {
        readonly pos?: { readonly file: string; readonly line: number; readonly column?: number };
        readonly logId?: string | null;
        readonly msg?: string | null;
      }
    >
  >;
};
