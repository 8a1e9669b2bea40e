import { ADMIN, type Pki } from './pki.ts';

/** The kubeconfig that kubeadm writes for the administrator, with all PEM data inline. */
export function adminKubeconfig(pki: Pki, server: string): string {
  const context = `${ADMIN.name}@kubernetes`;
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(pki.caCertificate)}
    server: ${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${ADMIN.name}
  name: ${context}
current-context: ${context}
kind: Config
preferences: {}
users:
- name: ${ADMIN.name}
  user:
    client-certificate-data: ${base64(pki.adminCertificate)}
    client-key-data: ${base64(pki.adminKey)}
`;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
