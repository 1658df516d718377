# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the image is made of, as SPDX 2.3: loopscope, and each Debian package with its licence.

Debian's copyright files are texts for people, and name licences in words of their own. So each
is given as it is, as a licence of its own, rather than a guess at what it amounts to.
"""

import re
import uuid

from oci import as_json, digest_of, time_text

LICENCE = "GPL-2.0-only OR BSD-2-Clause"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "loopscope")


def identifier(text):
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)


def package_fields(name, version, **fields):
    return {"name": name, "versionInfo": version, "SPDXID": f"SPDXRef-{identifier(name)}",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION",
            **fields}  # fmt: skip


def purl(package, release):
    """The package's name as scanners look it up; release as `debian-12`."""
    version = package.version.replace("+", "%2B").replace(":", "%3A").replace("~", "%7E")
    name = package.name.replace("+", "%2B")
    return f"pkg:deb/debian/{name}@{version}?arch={package.architecture}&distro={release}"


class Licences:
    """Texts, each once."""

    def __init__(self):
        self.by_text = {}

    def reference(self, package):
        text = package.copyright()
        if text not in self.by_text:
            name = f"LicenseRef-Debian-{identifier(package.name)}"
            self.by_text[text] = {"licenseId": name, "extractedText": text,
                                  "name": f"copyright file of Debian's {package.name}"}  # fmt: skip
        return self.by_text[text]["licenseId"]


def of_debian(package, licences, release):
    fields = package_fields(
        package.name, package.version,
        supplier="Organization: Debian", primaryPackagePurpose="LIBRARY",
        licenseDeclared=licences.reference(package),
        sourceInfo=f"built from {package.source} {package.source_version}",
        externalRefs=[{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                       "referenceLocator": purl(package, release)}],
    )  # fmt: skip
    if package.homepage:
        fields["homepage"] = package.homepage
    return fields


def relation(of, kind, to):
    return {"spdxElementId": of, "relationshipType": kind, "relatedSpdxElement": to}


def document(base, version, arch, epoch, release, compiled_in):
    licences = Licences()
    parts = [of_debian(package, licences, release)
             for _, package in sorted(base.packages.items())]  # fmt: skip
    image = package_fields("loopscope-image", version, licenseDeclared="NOASSERTION",
                           primaryPackagePurpose="CONTAINER")  # fmt: skip
    own = package_fields("loopscope", version, licenseDeclared=LICENCE,
                         primaryPackagePurpose="APPLICATION")  # fmt: skip
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", image["SPDXID"]),
                 relation(image["SPDXID"], "CONTAINS", own["SPDXID"])]  # fmt: skip
    for part in parts:
        if part["name"] in compiled_in:
            relations.append(relation(own["SPDXID"], "STATIC_LINK", part["SPDXID"]))
        else:
            relations.append(relation(image["SPDXID"], "CONTAINS", part["SPDXID"]))
    name = f"loopscope-{version}-{arch}"
    content = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": name, "packages": [image, own, *parts], "relationships": relations,
        "creationInfo": {"created": time_text(epoch), "creators": ["Tool: loopscope-make-image"]},
        "hasExtractedLicensingInfos": sorted(licences.by_text.values(),
                                             key=lambda each: each["licenseId"]),
    }  # fmt: skip
    unique = uuid.uuid5(NAMESPACE, digest_of(as_json(content)))
    content["documentNamespace"] = f"urn:uuid:{unique}"
    return as_json(content) + b"\n"
