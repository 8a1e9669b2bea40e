import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goJsonError } from './go-json-error.ts';

test("goJsonError() gives the words of Go's encoding/json", () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    '': 'unexpected end of JSON input',
    '{': 'unexpected end of JSON input',
    '{"a":1': 'unexpected end of JSON input',
    hello: "invalid character 'h' looking for beginning of value",
    '{a:1}': "invalid character 'a' looking for beginning of object key string",
    '{"a" 1}': `invalid character '1' after object key`,
    '{"a":1 "b":2}': `invalid character '"' after object key:value pair`,
    '[1 2]': "invalid character '2' after array element",
    '{"a":1}}': "invalid character '}' after top-level value",
    '{"a":tru}': "invalid character '}' in literal true (expecting 'e')",
    '"a\nb"': String.raw`invalid character '\n' in string literal`,
    '"\\x"': "invalid character 'x' in string escape code",
    '"\\u12g4"': String.raw`invalid character 'g' in \u hexadecimal character escape`,
    '-x': "invalid character 'x' in numeric literal",
    '1.x': "invalid character 'x' after decimal point in numeric literal",
    '1ex': "invalid character 'x' in exponent of numeric literal",
    '01': "invalid character '1' after top-level value",
    '{"a":1,}': "invalid character '}' looking for beginning of object key string",
    '[1,]': "invalid character ']' looking for beginning of value",
    '\u001F\u008B': String.raw`invalid character '\x1f' looking for beginning of value`,
    ' {"a":[1,{"b":null}],"c":"\\u00e9\\n"} ': undefined,
  };
  const found = Object.keys(cases).map((text) => [text, goJsonError(Buffer.from(text))]);
  assert.deepEqual(Object.fromEntries(found), cases);
});
