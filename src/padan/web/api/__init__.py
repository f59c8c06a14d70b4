"""The wire of the Trinsic API v1: its types, its endpoints, and how a request is read."""
