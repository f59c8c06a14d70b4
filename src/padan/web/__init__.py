"""The faces of Padan over HTTP: the API that the SDKs speak, and the hosted pages."""
