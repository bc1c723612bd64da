import { connect } from 'node:net';

/** What a server says to somebody who knocks. */
export interface ServerAnswer {
  /** E.g. `18.4`. */
  readonly version: string | undefined;
  /** SQLSTATE (`3D000`: no such database) or Node.js's code (`ECONNREFUSED`) of a refusal. */
  readonly refusal: string | undefined;
}

const PROTOCOL_3 = 196_608;
const PATIENCE_MS = 10_000;

/**
 * Logs in as postgres without a password, runs the statement if there is one, and leaves. Spoken by hand, because every command
 * of the workspace pays for it: a few milliseconds, where loading `pg` alone takes 40.
 */
export function askServer(port: number, database: string, statement?: string): Promise<ServerAnswer> {
  const statements = statement === undefined ? [] : [message('Q', `${statement}\0`)];
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    let sent = 0;
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(startupMessage(database)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (const turns = timesReady(received); sent < turns; sent++) socket.write(statements[sent] ?? message('X', ''));
    });
    socket.on('end', () => resolve(answerIn(received)));
    const refuse = (refusal: string) => resolve({ version: undefined, refusal });
    socket.on('error', (error) => refuse('code' in error ? String(error.code) : 'ECONNRESET'));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy() && refuse('ETIMEDOUT'));
  });
}

function startupMessage(database: string): Buffer {
  const parameters = Buffer.from(`user\0postgres\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, parameters]);
}

function message(type: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(length.length + Buffer.byteLength(content));
  return Buffer.concat([Buffer.from(type), length, Buffer.from(content)]);
}

function timesReady(received: Buffer): number {
  return messagesIn(received).filter(({ type }) => type === 'Z').length;
}

function answerIn(received: Buffer): ServerAnswer {
  const messages = messagesIn(received);
  const version = messages.find(({ type, fields }) => type === 'S' && fields[0] === 'server_version')?.fields[1];
  const error = messages.find(({ type }) => type === 'E');
  return { version, refusal: error?.fields.find((field) => field.startsWith('C'))?.slice(1) };
}

/** The complete messages: a type, a length that counts itself, and fields that end with a zero. */
function messagesIn(received: Buffer): { type: string; fields: string[] }[] {
  const messages = [];
  for (let at = 0, end = 0; at + 5 <= received.length; at = end) {
    end = at + 1 + received.readInt32BE(at + 1);
    if (end > received.length) break;
    messages.push({ type: received.toString('latin1', at, at + 1), fields: received.toString('utf8', at + 5, end).split('\0') });
  }
  return messages;
}
