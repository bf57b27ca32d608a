"""The contract's messages and gRPC classes, generated from proto/livevalidation/v1/."""
