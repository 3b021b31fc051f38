import HubModel

/// Why a CMS structure is not of the form that is accepted here.
enum CMSFault: Error {
    case malformed(Bilingual)
    /// The algorithm that is not allowed, by name.
    case algorithmRefused(String)

    /// A part, in the words of the standard, that is not where or what it has to be.
    static func part(_ name: StaticString) -> CMSFault {
        .malformed(
            Bilingual(
                vi: "Cấu trúc CMS sai ở phần \(name).", en: "The CMS structure is wrong at its part \(name).")
        )
    }

    static func type(_ name: ObjectIdentifier) -> CMSFault {
        let name = CMSName.text(name)
        return .malformed(
            Bilingual(
                vi: "Loại nội dung CMS không được chấp nhận: \(name).",
                en: "The content type of the CMS structure is not accepted: \(name)."
            )
        )
    }

    static func algorithm(_ algorithm: CMSAlgorithm?) -> CMSFault {
        guard let algorithm else { return .part("AlgorithmIdentifier") }
        return .algorithmRefused(CMSName.text(algorithm.name))
    }

    static let tooLarge = CMSFault.malformed(
        Bilingual(
            vi: "Phong bì CMS lớn hơn mức cho phép.", en: "The CMS envelope is larger than what is allowed.")
    )

    /// The verdict on a signature in such a structure.
    var report: SignatureReport {
        switch self {
        case .malformed(let reason): .malformed(reason)
        case .algorithmRefused(let name): .algorithmRefused(SignatureReport.shortened(name, to: 96))
        }
    }
}

/// What a CMS envelope may have at most.
enum CMSLimits {
    /// As much as a request to the hub may hold by default.
    static let bytes = 64 << 20
    static let certificates = 8
    static let attributes = 32
    static let recipients = 32

    /// - Throws: the fault that an envelope of this size has, or that its encoding has.
    static func check(_ envelope: [UInt8]) throws(CMSFault) {
        guard envelope.count <= Self.bytes else { throw .tooLarge }
        do throws(DER.Fault) {
            try DER.check(envelope)
        } catch {
            throw .malformed(error.reason)
        }
    }

    /// - Throws: `intake.too_large` if so much content cannot be put into an envelope.
    static func check(count: Int) throws(HubError) {
        // The structure around the content is small beside it.
        guard count <= Self.bytes - (1 << 20) else {
            throw HubError(
                .intakeTooLarge, "The content is too large for a CMS envelope.",
                details: [ErrorDetail("allowed-bytes", Self.bytes - (1 << 20)), ErrorDetail("bytes", count)]
            )
        }
    }
}
