/** What Envoy says of tokens that it refuses, word for word (jwt_verify_lib's status texts). */
export const JWT = {
  missing: 'Jwt is missing',
  notYetValid: 'Jwt not yet valid',
  expired: 'Jwt is expired',
  badFormat: 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
  headerBase64: 'Jwt header is an invalid Base64url encoded',
  headerJson: 'Jwt header is an invalid JSON',
  headerAlgorithm: 'Jwt header [alg] field is required and must be a string',
  algorithmUnknown: 'Jwt header [alg] is not supported',
  headerKeyId: 'Jwt header [kid] field is not a string',
  payloadBase64: 'Jwt payload is an invalid Base64url encoded',
  payloadJson: 'Jwt payload is an invalid JSON',
  audienceForm: 'Jwt payload [aud] field is not a string or string list',
  signatureBase64: 'Jwt signature is an invalid Base64url encoded',
  unknownIssuer: 'Jwt issuer is not configured',
  audience: 'Audiences in Jwt are not allowed',
  unverified: 'Jwt verification fails',
  noKeys: "Jwks doesn't have any valid public key",
  noFittingKey: "Jwks doesn't have key to match kid or alg from Jwt",
} as const;

/** Of a claim that has to be a text. */
export function notText(claim: string): string {
  return `Jwt payload [${claim}] field is not a string`;
}

/** Of a claim that has to be a time. */
export function notTime(claim: string, isNumber: boolean): string {
  const what = isNumber ? 'a positive 64 bit integer' : 'an integer';
  return `Jwt payload [${claim}] field is not ${what}`;
}
