"""The resources of a client, one file each: the class that blocks and the class that is awaited side by side."""
