public import HubModel

/// The error codes of the axis (DOMAIN 1.6).
///
/// Others may come; they are kept as text.
public enum AxisErrorCode: String, CaseIterable, Sendable {
    case ok = "0"
    case invalidFile = "10"
    case wrongSecret = "15"
    case receiverUnknown = "18"
    case senderNotRegistered = "19"
    case systemError = "20"
    case fileProcessing = "21"
    case notStandard = "22"
    case receiverLocked = "23"

    /// The code under which a client of the axis is told of a refusal.
    public init(_ code: ErrorCode) {
        self =
            switch code {
            case .accessUnauthenticated:
                .wrongSecret
            case .routeReceiverUnknown, .routeMissing:
                .receiverUnknown
            case .routeReceiverClosed:
                .receiverLocked
            case .accessAgencyNotOwn, .accessDenied, .envelopeSignerMismatch:
                .senderNotRegistered
            case .envelopeDecryptionFailed, .envelopeHashMismatch, .xmlDoctypeForbidden, .xmlMalformed,
                .xmlTooDeep, .jsonDuplicateKey, .jsonMalformed, .jsonTooDeep, .intakeTooLarge, .messageNotFound,
                .messagePayloadForgotten, .mailboxLeaseUnknown:
                .invalidFile
            case .schemaPayloadInvalid, .envelopeAlgorithmRefused, .envelopeEncryptionRefused,
                .envelopeKeyUnknown, .envelopeSignatureInvalid,
                .envelopeSignatureMalformed, .envelopeSignatureMissing, .intakeIdentityConflict,
                .intakeIdentityMissing, .intakeTypeUnknown, .schemaUnknown, .apiHeaderRepeated,
                .apiMediaTypeUnsupported, .apiMethodNotAllowed, .apiNotFound, .apiRequestMalformed,
                .timestampInvalid, .trustChainUnknown, .trustConstraint, .trustExpired, .trustNotYetValid,
                .trustPurpose, .trustRevocationUnknown, .trustRevoked, .trustTestAuthority, .trustWeak:
                .notStandard
            case .mappingFailed, .mappingInvalid, .deliveryRefused, .deliveryExpired:
                .fileProcessing
            default:
                .systemError
            }
    }

    /// What this code, got from the platform, means for the hub that sent.
    public var clientCode: ErrorCode {
        switch self {
        case .ok: .internalFault
        case .invalidFile: .deliveryRefused
        case .wrongSecret: .accessDenied
        case .receiverUnknown: .routeReceiverUnknown
        case .senderNotRegistered: .accessAgencyNotOwn
        case .systemError, .fileProcessing: .deliveryUnavailable
        case .notStandard: .schemaPayloadInvalid
        case .receiverLocked: .routeReceiverClosed
        }
    }

    /// Whether the same packet would be refused again.
    ///
    /// A wrong secret is ours to mend, so the packet waits for it.
    public var isPermanent: Bool {
        switch self {
        case .invalidFile, .receiverUnknown, .senderNotRegistered, .notStandard, .receiverLocked: true
        case .ok, .wrongSecret, .systemError, .fileProcessing: false
        }
    }

    /// What the reply says beside the code.
    public var explanation: String {
        switch self {
        case .ok: "Thành công"
        case .invalidFile: "Tệp không hợp lệ"
        case .wrongSecret: "Sai SystemId hoặc SecretKey"
        case .receiverUnknown: "Đơn vị nhận không tồn tại"
        case .senderNotRegistered: "Đơn vị gửi chưa đăng ký"
        case .systemError: "Lỗi hệ thống"
        case .fileProcessing: "Lỗi xử lý tệp"
        case .notStandard: "edXML không đúng quy chuẩn"
        case .receiverLocked: "Đơn vị nhận đang bị khóa"
        }
    }
}
