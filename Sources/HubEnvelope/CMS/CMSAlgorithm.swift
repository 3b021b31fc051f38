/// An algorithm as CMS names it: AlgorithmIdentifier of RFC 5280, 4.1.1.2.
struct CMSAlgorithm: Equatable {
    let name: ObjectIdentifier
    /// The parameters as they are encoded; empty if there are none.
    let parameters: ArraySlice<UInt8>

    /// - Returns: `nil` if the element is no AlgorithmIdentifier.
    init?(_ element: DERElement?) {
        guard let element, element.tag == DERTag.sequence else { return nil }
        var reader = element.reader
        guard let name = reader.next()?.objectIdentifier else { return nil }
        self.name = name
        self.parameters = reader.isAtEnd ? [] : reader.next()?.whole ?? []
        guard reader.isAtEnd else { return nil }
    }

    /// Whether there are no parameters, or NULL, which means the same for most algorithms (RFC 5754, 2).
    var hasNoParameters: Bool { self.parameters.isEmpty || self.parameters.elementsEqual([DERTag.null, 0]) }

    /// What is hashed with, if it is allowed here.
    var digest: DigestAlgorithm? {
        guard self.hasNoParameters else { return nil }
        return switch self.name {
        case CMSName.sha256: .sha256
        case CMSName.sha384: .sha384
        case CMSName.sha512: .sha512
        default: nil
        }
    }

    /// The way of signing, if it is allowed here and goes with the digest that the signer names.
    ///
    /// - Parameter digest: RSA is also written as plain `rsaEncryption`, and then only this says how the
    ///   attributes were hashed (RFC 3370, 3.2). Everywhere else the two must agree.
    func signature(with digest: DigestAlgorithm) -> SignatureAlgorithm? {
        let rsa: SignatureAlgorithm =
            switch digest {
            case .sha256: .rsaSHA256
            case .sha384: .rsaSHA384
            case .sha512: .rsaSHA512
            }
        return switch (self.name, digest) {
        case (CMSName.rsaEncryption, _), (CMSName.sha256WithRSA, .sha256), (CMSName.sha384WithRSA, .sha384),
            (CMSName.sha512WithRSA, .sha512):
            self.hasNoParameters ? rsa : nil
        case (CMSName.rsaPSS, _): self.hasPSSParameters(digest) ? rsa.pss : nil
        case (CMSName.ecdsaWithSHA256, .sha256): self.parameters.isEmpty ? .ecdsaSHA256 : nil
        case (CMSName.ecdsaWithSHA384, .sha384): self.parameters.isEmpty ? .ecdsaSHA384 : nil
        case (CMSName.ecdsaWithSHA512, .sha512): self.parameters.isEmpty ? .ecdsaSHA512 : nil
        default: nil
        }
    }

    /// RSASSA-PSS-params (RFC 4055, 3.1): this hash, MGF1 with the same one, a salt as long as the hash.
    ///
    /// The defaults are those of SHA-1, so none of the three can be left out.
    private func hasPSSParameters(_ digest: DigestAlgorithm) -> Bool {
        var reader = DERReader(self.parameters)
        guard var inner = reader.next(DERTag.sequence)?.reader, reader.isAtEnd else { return false }
        guard Self.readsHashAndMask(digest, from: &inner) else { return false }
        let salt = Self.explicit(2, in: &inner)
        return salt?.smallNumber == digest.length && inner.isAtEnd
    }

    /// RSAES-OAEP-params (RFC 4055, 4.1): a hash that is allowed, MGF1 with the same one, no label.
    var hasOAEPParameters: Bool {
        var reader = DERReader(self.parameters)
        guard let sequence = reader.next(DERTag.sequence), reader.isAtEnd else { return false }
        return [DigestAlgorithm.sha256, .sha384, .sha512].contains { digest in
            var inner = sequence.reader
            return Self.readsHashAndMask(digest, from: &inner) && inner.isAtEnd
        }
    }

    /// GCMParameters (RFC 5084, 3.2): a nonce of twelve bytes and a tag of sixteen.
    ///
    /// The default is a tag of twelve bytes, so it cannot be left out.
    var hasGCMParameters: Bool {
        var reader = DERReader(self.parameters)
        guard var inner = reader.next(DERTag.sequence)?.reader, reader.isAtEnd,
            inner.next(DERTag.octetString)?.content.count == 12
        else { return false }
        return inner.next()?.smallNumber == 16 && inner.isAtEnd
    }

    private static func readsHashAndMask(_ digest: DigestAlgorithm, from reader: inout DERReader) -> Bool {
        guard CMSAlgorithm(Self.explicit(0, in: &reader))?.digest == digest,
            let mask = CMSAlgorithm(Self.explicit(1, in: &reader)), mask.name == CMSName.mgf1
        else { return false }
        var inner = DERReader(mask.parameters)
        return CMSAlgorithm(inner.next())?.digest == digest && inner.isAtEnd
    }

    /// The one element under `[number]`.
    private static func explicit(_ number: UInt8, in reader: inout DERReader) -> DERElement? {
        guard var inner = reader.next(DERTag.context(number))?.reader, let element = inner.next(),
            inner.isAtEnd
        else { return nil }
        return element
    }
}

extension SignatureAlgorithm {
    /// The same hash under the newer padding of RSA; the algorithm itself if it is not one of RSA's.
    fileprivate var pss: SignatureAlgorithm {
        switch self {
        case .rsaSHA256: .rsaPSSSHA256
        case .rsaSHA384: .rsaPSSSHA384
        case .rsaSHA512: .rsaPSSSHA512
        case .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512, .ecdsaSHA256, .ecdsaSHA384, .ecdsaSHA512, .ed25519:
            self
        }
    }
}
