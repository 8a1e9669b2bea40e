import { X509Certificate } from 'node:crypto';

/** `O=a\nCN=b` as OpenSSL 3 prints it: `O = a, CN = b`. */
export function distinguishedName(name: string | undefined): string {
  return (name ?? '')
    .split('\n')
    .map((part) => part.replace('=', ' = '))
    .join(', ');
}

/** `rsaEncryption, 2048 (bit)` */
export function keyText({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  return asymmetricKeyType === 'rsa'
    ? `rsaEncryption, ${asymmetricKeyDetails?.modulusLength ?? 0} (bit)`
    : 'id-ecPublicKey, 256 (bit)';
}

const PEM =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** The certificates that stand in a text; those that cannot be read are left out. */
export function certificatesIn(text: string): readonly X509Certificate[] {
  return (text.match(PEM) ?? []).flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      // Not a certificate, whatever stands around it.
      return [];
    }
  });
}
