import koffi, { type LibraryHandle, type TypeObject } from 'koffi';

/** A pointer as a plain number: addresses of user space are below 2^48. */
export type Address = number;

/** One output of an operation in a graph, as C passes it by value. */
export interface GraphOutput {
  operation: Address;
  index: number;
}

/** What each word of a declaration means in TypeScript. */
interface Meanings {
  void: void;
  address: Address;
  /** A typed array or Buffer, passed without a copy. */
  memory: ArrayBufferView;
  text: string;
  int: number;
  byte: number;
  size: number;
  long: number;
  float: number;
  output: GraphOutput;
}
type Word = keyof Meanings;

/** What a C function returns, then what it takes. */
export type Declaration = readonly [Word, ...Word[]];

type Call<D extends Declaration> = D extends readonly [
  infer R extends Word,
  ...infer P extends Word[]
]
  ? { (...values: { [I in keyof P]: Meanings[P[I]] }): Meanings[R]; async: AsyncCall<P, R> }
  : never;

type AsyncCall<P extends Word[], R extends Word> = (
  ...values: [...{ [I in keyof P]: Meanings[P[I]] }, (error: unknown, result: Meanings[R]) => void]
) => void;

/** C functions that can be called, by name. */
export type Calls<T extends Record<string, Declaration>> = { readonly [N in keyof T]: Call<T[N]> };

const types = {
  void: 'void',
  address: 'uint64',
  memory: 'void *',
  text: 'str',
  int: 'int',
  byte: 'uint8',
  size: 'size_t',
  long: 'int64',
  float: 'float',
  output: koffi.struct({ operation: 'uint64', index: 'int' })
} as const satisfies Record<Word, string | TypeObject>;

/**
 * Binds C functions of shared libraries.
 * @param libraries Where to look, in order.
 * @param declarations Name → what it returns and takes.
 * @param missing Called with the names that no library has; its error is thrown.
 * @returns The callable functions.
 */
export function bind<T extends Record<string, Declaration>>(
  libraries: readonly LibraryHandle[],
  declarations: T,
  missing: (names: string[]) => Error
): Calls<T> {
  const absent: string[] = [];
  const calls = Object.entries(declarations).map(([name, [returns, ...takes]]) => {
    const found = firstThatHas(libraries, name, returns, takes);
    if (!found) absent.push(name);
    return [name, found];
  });
  if (absent.length > 0) throw missing(absent);
  return Object.fromEntries(calls) as Calls<T>;
}

function firstThatHas(
  libraries: readonly LibraryHandle[],
  name: string,
  returns: Word,
  takes: Word[]
): unknown {
  for (const library of libraries) {
    try {
      return library.func(
        name,
        types[returns],
        takes.map(word => types[word])
      );
    } catch {
      // The next library may have it.
    }
  }
  return undefined;
}
