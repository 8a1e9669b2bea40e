/**
 * What `security/tools/jwt/samples` of Istio's repository holds, made with a key of our own: tokens of `testing@secure.istio.io` that
 * end far in the future, and the keys that prove them.
 */
/** With the claim `foo: bar`; ends in 2118. */
export const DEMO_JWT = [
  'eyJhbGciOiJSUzI1NiIsImtpZCI6InVFcnk3WmNib0EyZEdTbFVEc1dxc2pJNUNDMF9DbUNfYmxxLWg2cXh4NjAi',
  'LCJ0eXAiOiJKV1QifQ.eyJleHAiOjQ2ODU5ODk3MDAsImZvbyI6ImJhciIsImlhdCI6MTUzMjM4OTcwMCwiaXNzI',
  'joidGVzdGluZ0BzZWN1cmUuaXN0aW8uaW8iLCJzdWIiOiJ0ZXN0aW5nQHNlY3VyZS5pc3Rpby5pbyJ9.LQof7oBb',
  'rxDsw6FILN8VSPH7sIuRqXXLnTiD4vLTcDnC5Av5qpL7v9gUPCs78eS1jK-NOMxGxYdlLWkQNqq7gEEahvkdmvFa',
  'EIKj0wt92PlvpZ1bJP7a7d1tIqHMo4N0KSbJjlCkxCl04gJK16OLc7QqreD1EughMPDIaUXuev_JNWoDb_mDKMZf',
  '0AhshT5XqxGkkJL2LUMjytrGxvq3gBOXVVEQUOWcFEyLjuQHN0xiP4JaOBDA19ofpY_TOK1ry5_fCMIkTYb6cszD',
  'pPJN_7voKDtt0DjCVldZcah6qkkUW4BE6QZIXZrQ4EfRsWianDugG_HxVX9D67szeOsQWg',
].join('');

/** With the claims `groups` (group1, group2) and `scope` (scope1, scope2); ends in 2082. */
export const GROUPS_SCOPE_JWT = [
  'eyJhbGciOiJSUzI1NiIsImtpZCI6InVFcnk3WmNib0EyZEdTbFVEc1dxc2pJNUNDMF9DbUNfYmxxLWg2cXh4NjAi',
  'LCJ0eXAiOiJKV1QifQ.eyJleHAiOjM1MzczOTExMDQsImdyb3VwcyI6WyJncm91cDEiLCJncm91cDIiXSwiaWF0I',
  'joxNTM3MzkxMTA0LCJpc3MiOiJ0ZXN0aW5nQHNlY3VyZS5pc3Rpby5pbyIsInNjb3BlIjpbInNjb3BlMSIsInNjb',
  '3BlMiJdLCJzdWIiOiJ0ZXN0aW5nQHNlY3VyZS5pc3Rpby5pbyJ9.ATukEKzmW4HdxgDv0nNnYzEhacNLhFBFcEWM',
  '2buQbl8zik9rRHm4w1tYH-cTTgf7a4wh3wur58Aq6RytW31Fmp1N4kSHnATUeGUoXviGP4Qm4J9BWJSwU81nRAx2',
  'm_8scM7-RfcLW_cZ1z9YY35eOFHgO5UyOdppSkCcvCFbS1MNHpN7Gt6YT20eneMwOcAKZnDVl61T5AKmLH00QXWj',
  'Hhtc8AzkJTc3n7RCQ9wlP4gMfadbYdJbN-cPhrm6OndMFanOdLGQvRPfuQ6yeNJR-jRlzAxkg-bDQfGh4eRdqu2Y',
  'sEU0eUXcv8QokLv-DUUCACCeZZb3t3wAh8WQGeiJfQ',
].join('');

/** Of the RSA key that signed them. */
const MODULUS = [
  '-RLEejR_O0cU8TSGwUDeyTi3M1PPuV36Jsf7hxRZouLLiFp4mOQf69b8TxLYW8lJr8Z1amfGfJFXr3k2z9_YmBzy',
  'jIfWKjqBJv0_DlXlsX5Si2Co7_rDyJxE1xcBW0PX9yjVYwpzpndLtXdv2gYzoOi9jXHNb-VXNq1C60ZfPaQs7uz8',
  'tr7Knggz3qcxBVCR7Z7Cc6rYNbK0F8vmKNi3zgtup2aAUBfUDaTNGTe4Kocc9tAqCVkIlPqqRIahP5eW9AVDxQ_U',
  'k5OAZ8wOPs5KfwTMd31PTw_Ne1DxXQDfy7WLdA3ca3vM3fqOZ4DREC51ezeDLizurIJFggQTSEFbvw',
].join('');

/** The key set, as its file is written. */
export const JWKS = `{ "keys":[ {"e":"AQAB","kid":"uEry7ZcboA2dGSlUDsWqsjI5CC0_CmC_blq-h6qxx60","kty":"RSA","n":"${MODULUS}"}]}`;
