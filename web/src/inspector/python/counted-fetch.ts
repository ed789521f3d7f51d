/** Tells how many bytes have come in through this scope's `fetch`, responses staying as they are. */
export function countFetched(told: (bytes: number) => void) {
  const plain = globalThis.fetch;
  let loaded = 0;
  globalThis.fetch = async (input, init) => {
    const response = await plain(input, init);
    if (!response.body || !response.ok) return response;
    const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        told(loaded);
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counting), { status, statusText, headers });
  };
}
