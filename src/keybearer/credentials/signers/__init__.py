"""The ways of signing a request, one file each; `keybearer.credentials.credential.Signer` is their protocol."""
