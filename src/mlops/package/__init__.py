"""The exported model and its server as a container image.

In the order in which they are used:

exported.py    artifacts/export, as `mlops run` left it and dvc.lock records it
stamp.py       which version, commit and data the image says it is
context.py     the few files that an image is built from
base.py        the image it is built on: the Dockerfile's ARG BASE, and its digest
reference.py   the digest of an image, from its registry, as everybody may ask for it
labels.py      what the image says of itself to registries
builders.py    docker, podman and buildah behind one face
image.py       `mlops image`: all of it in order, and the table at the end

name.py        where the repository's image is kept
credentials.py who we are to its registry
oci.py         what the registry has: digests, labels, tags
push.py        an image goes there
container.py   and is started from there, to be asked
sbom.py        what it is made of, as CycloneDX
"""
