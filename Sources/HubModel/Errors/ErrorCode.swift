/// The reasons a message, a request, a file or a setting can be refused.
///
/// A code keeps its meaning and is never reused. `docs/error-codes.md` explains each; a test compares that page
/// with `allCases`.
public enum ErrorCode: String, CaseIterable, Codable, Sendable {
    case accessAgencyNotOwn = "access.agency_not_own"
    case accessApprovalMissing = "access.approval_missing"
    case accessDenied = "access.denied"
    case accessQuotaExceeded = "access.quota_exceeded"
    case accessRateLimited = "access.rate_limited"
    case accessUnauthenticated = "access.unauthenticated"
    case adapterBusy = "adapter.busy"
    case adapterInvalid = "adapter.invalid"
    case adapterUnknown = "adapter.unknown"
    case apiHeaderRepeated = "api.header_repeated"
    case apiMediaTypeUnsupported = "api.media_type_unsupported"
    case apiMethodNotAllowed = "api.method_not_allowed"
    case apiNotFound = "api.not_found"
    case apiRequestMalformed = "api.request_malformed"
    case backupInvalid = "backup.invalid"
    case backupUnavailable = "backup.unavailable"
    case configurationInvalid = "configuration.invalid"
    case deliveryExpired = "delivery.expired"
    case deliveryRefused = "delivery.refused"
    case deliveryReplyUnreadable = "delivery.reply_unreadable"
    case deliveryTimeout = "delivery.timeout"
    case deliveryUnavailable = "delivery.unavailable"
    case directoryInvalid = "directory.invalid"
    case envelopeAlgorithmRefused = "envelope.algorithm_refused"
    case envelopeCryptoFailed = "envelope.crypto_failed"
    case envelopeDecryptionFailed = "envelope.decryption_failed"
    case envelopeEncryptionRefused = "envelope.encryption_refused"
    case envelopeHashMismatch = "envelope.hash_mismatch"
    case envelopeKeyUnknown = "envelope.key_unknown"
    case envelopeKeyUnusable = "envelope.key_unusable"
    case envelopeSignatureInvalid = "envelope.signature_invalid"
    case envelopeSignatureMalformed = "envelope.signature_malformed"
    case envelopeSignatureMissing = "envelope.signature_missing"
    case envelopeSignerMismatch = "envelope.signer_mismatch"
    case evidenceInvalid = "evidence.invalid"
    case intakeIdentityConflict = "intake.identity_conflict"
    case intakeIdentityMissing = "intake.identity_missing"
    case intakeOverloaded = "intake.overloaded"
    case intakeTimeout = "intake.timeout"
    case intakeTooLarge = "intake.too_large"
    case intakeTypeUnknown = "intake.type_unknown"
    case internalFault = "internal.fault"
    case journalClosed = "journal.closed"
    case journalDamaged = "journal.damaged"
    case journalOverloaded = "journal.overloaded"
    case journalUnavailable = "journal.unavailable"
    case jsonDuplicateKey = "json.duplicate_key"
    case jsonMalformed = "json.malformed"
    case jsonTooDeep = "json.too_deep"
    case mailboxLeaseUnknown = "mailbox.lease_unknown"
    case mappingFailed = "mapping.failed"
    case mappingInvalid = "mapping.invalid"
    case messageNotFound = "message.not_found"
    case messagePayloadForgotten = "message.payload_forgotten"
    case processFailed = "process.failed"
    case routeMissing = "route.missing"
    case routeReceiverClosed = "route.receiver_closed"
    case routeReceiverUnknown = "route.receiver_unknown"
    case routeRefused = "route.refused"
    case routeRuleInvalid = "route.rule_invalid"
    case schemaInvalid = "schema.invalid"
    case schemaPayloadInvalid = "schema.payload_invalid"
    case schemaUnknown = "schema.unknown"
    case serviceFailed = "service.failed"
    case serviceReplyUnfit = "service.reply_unfit"
    case serviceRetired = "service.retired"
    case serviceUnavailable = "service.unavailable"
    case serviceUnknown = "service.unknown"
    case timestampInvalid = "timestamp.invalid"
    case timestampUnavailable = "timestamp.unavailable"
    case trustChainUnknown = "trust.chain_unknown"
    case trustConstraint = "trust.constraint"
    case trustExpired = "trust.expired"
    case trustNotYetValid = "trust.not_yet_valid"
    case trustPurpose = "trust.purpose"
    case trustRevocationUnknown = "trust.revocation_unknown"
    case trustRevoked = "trust.revoked"
    case trustTestAuthority = "trust.test_authority"
    case trustWeak = "trust.weak"
    case xmlDoctypeForbidden = "xml.doctype_forbidden"
    case xmlMalformed = "xml.malformed"
    case xmlTooDeep = "xml.too_deep"
    case yamlInvalid = "yaml.invalid"
}

/// What helps after a refusal.
public enum RetryAdvice: String, Codable, Sendable {
    /// The same request may succeed later, unchanged.
    case sameAgainLater = "same-again-later"
    /// Someone who runs the hub must act first.
    case afterOperatorActs = "after-operator-acts"
    /// This message will be refused however often it is sent.
    case notWithThisMessage = "not-with-this-message"
}

extension ErrorCode {
    /// What the sender or the delivery engine should do about this code.
    public var advice: RetryAdvice {
        switch self {
        case .accessQuotaExceeded, .accessRateLimited, .adapterBusy, .backupUnavailable, .deliveryReplyUnreadable, .deliveryTimeout, .deliveryUnavailable, .intakeOverloaded, .intakeTimeout,
            .journalClosed, .journalOverloaded, .journalUnavailable, .serviceFailed, .serviceUnavailable,
            .internalFault, .timestampUnavailable:
            .sameAgainLater
        case .accessApprovalMissing, .backupInvalid, .adapterInvalid, .adapterUnknown, .configurationInvalid, .routeRuleInvalid, .directoryInvalid, .envelopeCryptoFailed, .envelopeKeyUnknown,
            .envelopeKeyUnusable, .evidenceInvalid, .journalDamaged, .mappingInvalid, .routeMissing, .schemaInvalid,
            .schemaUnknown, .yamlInvalid, .accessDenied, .trustChainUnknown, .trustRevocationUnknown,
            .trustTestAuthority:
            .afterOperatorActs
        case .accessAgencyNotOwn, .accessUnauthenticated, .apiHeaderRepeated, .apiMediaTypeUnsupported,
            .apiMethodNotAllowed, .apiNotFound, .apiRequestMalformed, .deliveryExpired, .deliveryRefused,
            .envelopeAlgorithmRefused, .envelopeDecryptionFailed, .envelopeEncryptionRefused,
            .envelopeHashMismatch, .envelopeSignatureInvalid, .envelopeSignatureMalformed, .envelopeSignatureMissing, .envelopeSignerMismatch,
            .intakeIdentityConflict, .intakeIdentityMissing, .intakeTooLarge, .intakeTypeUnknown,
            .jsonDuplicateKey, .jsonMalformed, .jsonTooDeep, .mailboxLeaseUnknown, .mappingFailed,
            .messageNotFound, .messagePayloadForgotten, .processFailed, .routeReceiverClosed, .routeRefused, .serviceReplyUnfit, .serviceRetired, .routeReceiverUnknown,
            .schemaPayloadInvalid, .serviceUnknown, .timestampInvalid, .trustConstraint, .trustExpired, .trustNotYetValid, .trustPurpose, .trustRevoked,
            .trustWeak, .xmlDoctypeForbidden, .xmlMalformed, .xmlTooDeep:
            .notWithThisMessage
        }
    }
}
