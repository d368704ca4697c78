/** An HTTP request, read completely. */
export interface WireRequest {
  method: string;
  /** Path as it was sent, still percent-encoded, without the query string. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** An HTTP response, ready to be sent. */
export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}
