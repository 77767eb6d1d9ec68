"""One vendor connection over HTTP: base URL, credentials, limits, retries of safe requests, redaction."""
