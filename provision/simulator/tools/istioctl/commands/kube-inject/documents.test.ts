import assert from 'node:assert/strict';
import { test } from 'node:test';

import { injectDocuments, type Inject } from './documents.ts';

const marked: Inject = ({ metadata, spec }, { name }) => ({
  metadata: { ...metadata, labels: { sidecar: name } },
  spec,
});

test('kube-inject changes workloads and hands on every other document as it is', async () => {
  const text = `# A service, with a comment
apiVersion: v1
kind: Service
metadata: {name: a}   # kept
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers: []
---
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: one
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: settings
`;
  assert.equal(
    await injectDocuments(text, '-', marked),
    `# A service, with a comment
apiVersion: v1
kind: Service
metadata: {name: a}   # kept
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      labels:
        sidecar: web
    spec:
      containers: []
---
apiVersion: v1
items:
- apiVersion: v1
  kind: Pod
  metadata:
    labels:
      sidecar: one
    name: one
  spec: {}
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: settings
kind: List
---
`,
  );
});

test('kube-inject leaves a pod alone that the injector leaves alone', async () => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: one }\n';
  assert.equal(await injectDocuments(pod, '-', () => undefined), `${pod}---\n`);
});
