/**
 * Code of the two contracts that the local chain starts with. Their ids are known to tools, so the
 * bytes have to be these.
 */
import { gunzipSync } from 'node:zlib';
import { hexToBytes } from '../primitives/bytes.ts';

/** Pays what it holds of an asset to the address in its bytes 4 to 35. 76 bytes. */
export function feeCollectorCode(): Uint8Array {
  return hexToBytes(FEE_COLLECTOR);
}

/**
 * Minter of the base asset: `packages/base-asset/bin/base-asset-contract.bin` of the repository
 * FuelLabs/fuel-bridge at commit b0ebf0b, byte for byte; the LICENSE of that commit is Apache-2.0.
 * 5440 bytes, SHA-256 b24bf5d8678a875120f98c5d574329d1bf9186fce2ed6f92165cce986b6496cb.
 */
export function baseAssetCode(): Uint8Array {
  const packed = atob(BASE_ASSET.replace(/\s/g, ''));
  return new Uint8Array(gunzipSync(Uint8Array.from(packed, (each) => each.charCodeAt(0))));
}

const FEE_COLLECTOR =
  '900000097b4b30b2437b0073e5ba5a9324cf55831d180a89f66332b541827e12e647b751' +
  '6140000a504d00205d4d30001a4860004945048076440001240400005050c0043d51345024040000';

// biome-ignore format: gzip, base64
const BASE_ASSET = `
  H4sIAAAAAAACA72YX2xbVx3Hf3ac1KMtuSRuCDerdKW5xTywXURaug3We2dfbNcxPllamtHe2tlaFCClJkmjTHuYkUAKLygg
  sfUxGxKLQELXiZM6qYSMeKkQD37Mo1+QGpEIC20iVSXK99x73Xvmf0s1gaXonHty/v6+39/nHluuqzRP5Cf7E8qZjys+6fFj
  3kbyHqNf0dGIGa2fkPQekmM5MtNSciQmkZQc1cx4PSjFApqZVGgkFtIkY1RjGUvJ7kuB7L7Sy+LbS7OMpIhxhnidZUo5+zl9
  gkxDJfSV0NePvj34f2Q2wfuOFng9u0+EdYMofSy6VrX/Fy0VWGqTzY6hngxVWHwzZ9eNQEXeVUj+u0TKwddp8lHNzx7VAvMU
  kOVolRY08uE8H8oa9q/TBXv/ekDDOncwr4LxBRbdvsPiluo9W5Zd10PYzxbz2rfYT2LUx1LWAdZWnH2Ul+069sGi5bpd18OV
  9/WQgrX7sP9ado+ustTd5dkY33tAw36CaC9k9yTGDOq/mqqza4ZCYh+c/+hpDTpoecru+87yZ5TfyO75zrHLWxaLbqh2Xz2M
  vta/BnXiZ42j/jvUNdT9GHPsLObgfZmOddBHfiAhVqw5Vs+bBiMzyXxmmvmltKoNjYcrC4x8g07Zx+LrOZxjhmXuriAew5F0
  qIBzHB9IjxZ4/5F0uHJ6jChyMlSQY3mcpTiM8z0HjcPZffWUPS7Gx4UR+w3NngN6m3Hro0FDooUY9aO+irqGurd39GWGFGQp
  lEklyP8Q42DkEmJvMKduhCvu/v0jiVBBMkKFawY8pOMsiEX2Evmx1z75AbU5e88/oasFHSTsuWbPl4SWuruOjnWi2+caseZ1
  eK/i+DVQkHdbfPc17jv46xz0LDT8yj3atG5FjlfplC5xrw/xHOPeZ6l1Bt//EG3HUf6IRdfr9hzwFPyf9/x/V+ru/57vef73
  vdDG/2XB/2X4X/B5URX8nxf8n3f8X2SC/y3P/1tSq//XJfjmDcSijBgqrv+/Cv8vwx+vIZaamap/UUo+R0+0TNWDpxPQaixP
  3GcsXqzDQ6+gvR+8OM9SpSdxAH98YEtBZMtIUgGLSha89y76v8fipUqDLya8hvFVu3/yDNnjJ0q12Yt4Hj+jmWnNh3ETGHcR
  a14S992Uky+6OfkScvJl5OR95NmS3dfJyX+7Ofl71IttcnIJORmEDgdOLsBLbXOzJ86ubB+Y0eKUmKPmBPibPkNt8nQV8b6N
  fNs5ZJ7mocPzOPMLOK9qj/PydEfI00dCnt5rk6c7bp7uPE2eZt08td8n8CXPVfkqb8v5h/T5Br+z9rPRW8GavkGnPIo2eLkX
  Hlyr4wzXON9YUuq/liTO0vqsZnuEv896wXSckz5vt7uMZdFNRWDof1yNfGeJ67OpNJh5CDYuYu5bLFOmw8V8jbBfDTHXEfNX
  7XFezCe9mBdJiPkf2sR80o355Gdho2TmtdtEV9rz0f8h8vq+w8e1XAc+JgQ+JpDT1c589O+6fEyAZ1346F8U+Djs8bGE3KMC
  2nB/oJ+yaEny+HhXEfioduejf+BT+Lgj8HEHfCwIfFwS+Lgs8HHZ5eOqwMeqwEe1DR9VeOf7LFUebuKjBY98F7FMgHtf6s7H
  tWH4KIr2AXArhhjVP8nHDWrl4wa/f32A/r+Fj5QmPi438XGliY+XMW4Sa74u7ruJj990+fgt8PEV8LEG5q16fCz2CHzcaMPH
  VYeP96TufPQ9ZlfuSZjv+iH5WEG8F5Fz5w7Jx/vQ4UWc+SWc92V7nJerdSFXjwi5+qc2uVp3c7X+/+fjOudN7pN8LLMmPq4g
  LiG73eOjcMcsfq6Jj+pT8BHvelgwU84dko8R7NdAzL+NmMftcV7M80LMjwkx/2ObmOfdmOf/d3z0ZZHXNZeP+Q58nBT4OImc
  rnXmo+99l4+T4ONyZz76VIGPssBHfAejn6FtEOXPwUdV4KMm8JF15yP9Vfj+9GZTbp93c1tDbutsYovfT85DD9zlirqZgVeT
  4coQdF4Ygw+ckrNuBz54Gx5btPV0WHd8IBnWJDBpJBkqcK5FTgY0vg6YW4UPZJxjBLx51h6n8XEh7r+gPYfjzX6XJf1gyZ9b
  WbIZdFiCkvsBf4h/MDIOZuuaUwfLTV2DlzW//X0WuSbjXZDl8dU1L//GyQ+9D1y9tQ56Twt6T2Pdehe9T7l6T0Pvlc56U0nQ
  e0TQG/cIWnL1/gX0ZoLeOUHv/Kfo/R1B7yTePwxaXcC5j56OQfcY1/0Lr/JnlFHoHsP6iMHGfWeNQAWxv+DqMIj6VrMOaNt2
  GN6y9i/lXWrXvuR9b2v5H979WN/WwXrQQYdFQYdFxIA660B/cXVYhA5WFx1eE3QI8XP9huj8u8HGbybE5OgKyfFlklM1sufZ
  R8z/YTXPo8oZrDdhSc679YQm72rNfb4sT1RpEO+xwbRKMkNsx+hZlrFU533eS/Ku2hIXd16ty7z23Qp9FKdPb7s+QR6Pr4yP
  MvljjX7Nz/VQoTs453s474UD+9xHhHNLzrlrToz3EeOoxe9UPvlj4uMl+aHUGH/kacYPwEdd5nhHmCMnZzDHZcR+okbm64xz
  3Ae++/mdibN9CMxZSIBJTgkmWcPweQ88lBCYdGzACJGE98mIEdC4/yMnrzvs25P4/ZPfgfz2GM4j3Ekxj+rxyHpG4FFfK48s
  1eERSpFHlziPmMAjxt+tT3iU1dXWu8BHdlxy8kOtEZd3niK29Bm16Tg+jjvC9Rtv/uDm1Mzcj6du3uC/MM69dfONWzNE87fm
  p2ayU3NzN+bneLvzPHc7n595i558/Am3EnSf2TMkfgL0N/vT+P2SAsb89I1Zr0OvW/YZFxPiwB63POaWbzd+/3TLabesumXe
  LR+45aJbLv0X/rlhhEAVAAA=
`;
