/** The releases the simulator imitates; real providers pin the same. */
export const KUBERNETES_VERSION = '1.34.2';
export const ISTIO_VERSION = '1.30.3';
/** Release of the Bookinfo images in Istio's samples of that version. */
export const BOOKINFO_VERSION = '1.20.3';
