/**
 * A field of bytes or of a message, in protobuf's wire format.
 * @param number The field's number.
 * @param bytes Its content.
 * @returns The encoded field.
 * @see Protocol Buffers, "Encoding"
 */
export function field(number: number, bytes: Uint8Array | string): Buffer {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

/**
 * A field of a whole number or a flag.
 * @param number The field's number.
 * @param value At least 0, below 2^32.
 * @returns The encoded field.
 */
export function integer(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

/**
 * Fields one after another: the content of a message.
 * @param fields Encoded fields.
 * @returns Their bytes.
 */
export function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return Buffer.from(bytes);
  }
}
