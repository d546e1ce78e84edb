import AsyncHTTPClient
import NIOCore

/// Sends requests to the API server.
struct APIClient {
  let http: HTTPClient
}
