/**
 * A command in the bytes that Redis is sent, for very many arguments: the library would take several times as long.
 * Source: Redis serialization protocol specification, "Sending commands to a Redis server".
 */
export function encoded(name: string, args: readonly string[]): Buffer {
  let text = `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`;
  for (const argument of args) text += `$${Buffer.byteLength(argument)}\r\n${argument}\r\n`;
  return Buffer.from(text);
}
