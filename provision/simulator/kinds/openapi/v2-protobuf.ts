/** OpenAPI v2 in protobuf (gnostic's `openapi.v2.Document`), with what kubectl reads of it: schemas, and the parameters of operations. */
import protobuf from 'protobufjs';

import { asText, isObject, listAt, objectAt, stringAt, stringsAt } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';

/** The bytes of a document that `openApiV2` made. */
export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  const writer = protobuf.Writer.create();
  text(writer, 1, stringAt(document, 'swagger'));
  message(writer, 2, () => {
    text(writer, 1, stringAt(document, 'info', 'title'));
    text(writer, 2, stringAt(document, 'info', 'version'));
  });
  message(writer, 8, () =>
    named(writer, 2, objectAt(document, 'paths'), (item) => pathItem(writer, item)),
  );
  message(writer, 9, () =>
    named(writer, 1, objectAt(document, 'definitions'), (item) => schema(writer, item)),
  );
  return writer.finish();
}

type Writer = protobuf.Writer;

/** Wire type of texts and of messages in messages. */
const LENGTH_DELIMITED = 2;

function text(writer: Writer, id: number, value: string): void {
  if (value !== '') writer.uint32((id << 3) | LENGTH_DELIMITED).string(value);
}

function flag(writer: Writer, id: number, value: Json | undefined): void {
  if (value === true) writer.uint32(id << 3).bool(true);
}

function message(writer: Writer, id: number, fill: () => void): void {
  writer.uint32((id << 3) | LENGTH_DELIMITED).fork();
  fill();
  writer.ldelim();
}

/** One `{1 name, 2 value}` for each entry that is an object. */
function named(
  writer: Writer,
  id: number,
  entries: JsonObject,
  fill: (value: JsonObject) => void,
): void {
  for (const [name, value] of Object.entries(entries)) {
    if (!isObject(value)) continue;
    message(writer, id, () => {
      text(writer, 1, name);
      message(writer, 2, () => fill(value));
    });
  }
}

/** Extensions as `{1 name, 2 {2 yaml}}`; JSON is YAML. */
function extensions(writer: Writer, id: number, holder: JsonObject): void {
  for (const [name, value] of Object.entries(holder)) {
    if (!name.startsWith('x-') || value === undefined) continue;
    message(writer, id, () => {
      text(writer, 1, name);
      message(writer, 2, () => text(writer, 2, JSON.stringify(value)));
    });
  }
}

function schema(writer: Writer, value: JsonObject): void {
  text(writer, 1, stringAt(value, '$ref'));
  text(writer, 2, stringAt(value, 'format'));
  text(writer, 4, stringAt(value, 'description'));
  for (const name of stringsAt(value, 'required')) text(writer, 19, name);
  for (const one of listAt(value, 'enum')) {
    message(writer, 20, () => text(writer, 2, JSON.stringify(one)));
  }
  const { additionalProperties, items, properties } = value;
  if (additionalProperties === true) message(writer, 21, () => flag(writer, 2, true));
  if (isObject(additionalProperties)) {
    message(writer, 21, () => message(writer, 1, () => schema(writer, additionalProperties)));
  }
  const type = stringAt(value, 'type');
  if (type !== '') message(writer, 22, () => text(writer, 1, type));
  if (isObject(items)) message(writer, 23, () => message(writer, 1, () => schema(writer, items)));
  if (isObject(properties)) {
    message(writer, 25, () => named(writer, 1, properties, (one) => schema(writer, one)));
  }
  extensions(writer, 31, value);
}

/** Ids of the methods in a path item. */
const METHODS = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

function pathItem(writer: Writer, item: JsonObject): void {
  for (const [method, id] of Object.entries(METHODS)) {
    const one = item[method];
    if (isObject(one)) message(writer, id, () => operation(writer, one));
  }
}

function operation(writer: Writer, value: JsonObject): void {
  text(writer, 3, stringAt(value, 'description'));
  for (const type of stringsAt(value, 'consumes')) text(writer, 7, type);
  for (const one of listAt(value, 'parameters')) {
    if (stringAt(one, 'in') === 'query') parameter(writer, objectAt(one));
  }
  extensions(writer, 13, value);
}

/** A query parameter stands three alternatives deep. */
function parameter(writer: Writer, value: JsonObject): void {
  message(writer, 8, () =>
    message(writer, 1, () =>
      message(writer, 2, () =>
        message(writer, 3, () => {
          text(writer, 2, 'query');
          text(writer, 4, asText(value['name']));
          text(writer, 6, stringAt(value, 'type'));
          flag(writer, 15, value['uniqueItems']);
        }),
      ),
    ),
  );
}
