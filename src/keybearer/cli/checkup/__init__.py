"""The checks of `keybearer doctor`, a module for each part of the way from this machine to an answer."""
