import type { Address } from './declarations.ts';
import { TensorFlowError } from './errors.ts';
import type { Library } from './library.ts';
import { type Attribute, AttributeKind, longs } from './types.ts';

/** What sets one attribute; an operation run at once and one in a graph differ only in the functions they call. */
export interface AttributeSetter {
  type(name: string, value: number): void;
  bool(name: string, value: boolean): void;
  bools(name: string, value: Uint8Array): void;
  integer(name: string, value: number): void;
  integers(name: string, value: BigInt64Array, count: number): void;
  float(name: string, value: number): void;
  floats(name: string, value: Float32Array): void;
  text(name: string, value: Buffer): void;
  /** Pointers to texts, and their lengths in bytes. */
  texts(name: string, value: BigUint64Array, lengths: BigUint64Array): void;
  shape(name: string, value: BigInt64Array, rank: number): void;
}

/**
 * Sets one attribute.
 * @param library TensorFlow.
 * @param setter Where.
 * @param attribute Name, kind and value.
 * @throws TensorFlowError `tensorflow/input` for a kind that is none of `AttributeKind`.
 */
export function setAttribute(
  library: Library,
  setter: AttributeSetter,
  { name, type, value }: Attribute
): void {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  const list = value as number[];
  switch (type) {
    case AttributeKind.type:
      return setter.type(name, value as number);
    case AttributeKind.bool:
      return isList ? setter.bools(name, Uint8Array.from(list)) : setter.bool(name, Boolean(value));
    case AttributeKind.integer:
      return isList
        ? setter.integers(name, longs(list), list.length)
        : setter.integer(name, value as number);
    case AttributeKind.float:
      return isList
        ? setter.floats(name, Float32Array.from(list))
        : setter.float(name, value as number);
    case AttributeKind.string:
      return isList
        ? setTexts(library, setter, name, value as string[])
        : setter.text(name, Buffer.from(value as string));
    case AttributeKind.shape:
      return setter.shape(name, longs(list), list.length);
    default:
      throw new TensorFlowError(
        'tensorflow/input',
        `expected the attribute ${name} to be of a kind from 0 to 5, got ${type}`
      );
  }
}

function setTexts(
  library: Library,
  setter: AttributeSetter,
  name: string,
  texts: readonly string[]
): void {
  const addresses = BigUint64Array.from(texts, text => BigInt(library.text(text)));
  setter.texts(
    name,
    addresses,
    BigUint64Array.from(texts, text => BigInt(Buffer.byteLength(text)))
  );
}

/**
 * Sets attributes of operations that run at once.
 * @param library TensorFlow.
 * @param operation Gives the operation being prepared.
 * @returns The setter.
 */
export function eagerSetter(library: Library, operation: () => Address): AttributeSetter {
  const { api, status } = library;
  const at = (name: string): Address => library.text(name);
  return {
    type: (name, value) => api.TFE_OpSetAttrType(operation(), at(name), value),
    bool: (name, value) => api.TFE_OpSetAttrBool(operation(), at(name), value ? 1 : 0),
    bools: (name, value) => api.TFE_OpSetAttrBoolList(operation(), at(name), value, value.length),
    integer: (name, value) => api.TFE_OpSetAttrInt(operation(), at(name), value),
    integers: (name, value, count) => api.TFE_OpSetAttrIntList(operation(), at(name), value, count),
    float: (name, value) => api.TFE_OpSetAttrFloat(operation(), at(name), value),
    floats: (name, value) => api.TFE_OpSetAttrFloatList(operation(), at(name), value, value.length),
    text: (name, value) => api.TFE_OpSetAttrString(operation(), at(name), value, value.length),
    texts: (name, value, lengths) =>
      api.TFE_OpSetAttrStringList(operation(), at(name), value, lengths, value.length),
    shape: (name, value, rank) => api.TFE_OpSetAttrShape(operation(), at(name), value, rank, status)
  };
}
