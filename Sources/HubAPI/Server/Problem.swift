internal import HTTPTypes
internal import HubCore
internal import HubJSON
internal import HubModel
internal import Hummingbird
internal import NIOCore

/// An error as outsiders see it: RFC 9457 problem details with a stable code.
struct Problem {
    let error: HubError

    static let errorField = HTTPField.Name("Lgsp-Error")!

    var status: HTTPResponse.Status {
        switch self.error.code {
        case .apiHeaderRepeated, .apiRequestMalformed, .jsonDuplicateKey, .jsonMalformed, .jsonTooDeep,
            .xmlDoctypeForbidden, .xmlMalformed, .xmlTooDeep, .yamlInvalid:
            .badRequest
        case .accessUnauthenticated: .unauthorized
        case .accessQuotaExceeded, .accessRateLimited: .tooManyRequests
        case .accessAgencyNotOwn, .accessApprovalMissing, .accessDenied, .envelopeAlgorithmRefused, .envelopeDecryptionFailed,
            .envelopeEncryptionRefused, .envelopeHashMismatch, .envelopeKeyUnknown, .envelopeKeyUnusable,
            .envelopeSignatureInvalid, .envelopeSignatureMalformed, .envelopeSignatureMissing,
            .envelopeSignerMismatch, .timestampInvalid, .trustChainUnknown, .trustConstraint, .trustExpired,
            .trustNotYetValid, .trustPurpose, .trustRevocationUnknown, .trustRevoked, .trustTestAuthority, .trustWeak:
            .forbidden
        case .adapterUnknown, .apiNotFound, .messageNotFound, .serviceUnknown, .mailboxLeaseUnknown: .notFound
        case .messagePayloadForgotten, .serviceRetired: .gone
        case .apiMethodNotAllowed: .methodNotAllowed
        case .intakeTimeout: .requestTimeout
        case .adapterBusy, .intakeIdentityConflict: .conflict
        case .intakeTooLarge: .contentTooLarge
        case .apiMediaTypeUnsupported: .unsupportedMediaType
        case .intakeIdentityMissing, .intakeTypeUnknown, .routeMissing, .routeReceiverClosed, .routeReceiverUnknown,
            .routeRefused, .routeRuleInvalid, .adapterInvalid,
            .schemaPayloadInvalid:
            .unprocessableContent
        case .deliveryExpired, .deliveryRefused, .deliveryReplyUnreadable, .processFailed, .serviceFailed, .serviceReplyUnfit:
            .badGateway
        case .deliveryTimeout: .gatewayTimeout
        case .deliveryUnavailable, .intakeOverloaded, .journalClosed, .journalOverloaded, .journalUnavailable,
            .serviceUnavailable, .timestampUnavailable, .backupUnavailable:
            .serviceUnavailable
        case .backupInvalid, .configurationInvalid, .directoryInvalid, .envelopeCryptoFailed, .evidenceInvalid,
            .internalFault, .journalDamaged, .mappingFailed, .mappingInvalid, .schemaInvalid, .schemaUnknown:
            .internalServerError
        }
    }

    /// Details become members of their own; codes and places have fixed names.
    var json: JSONValue {
        let title = self.error.code.title
        var object: JSONObject = [
            "type": .string("urn:lgsp:problem:" + self.error.code.rawValue),
            "title": .string(title.en),
            "title_vi": .string(title.vi),
            "status": .init(integerLiteral: self.status.code),
            "code": .string(self.error.code.rawValue),
            "detail": .string("\(self.error.summary)"),
            "advice": .string(self.error.code.advice.rawValue),
        ]
        // Several details of one name are a list: every fault of a file is told.
        let faults = self.error.details.filter { $0.key == "fault" }
        if faults.count > 1 || self.error.code == .adapterInvalid || self.error.code == .routeRuleInvalid, !faults.isEmpty {
            object["faults"] = .array(faults.map { .string($0.value) })
        }
        for detail in self.error.details where object[detail.key] == nil {
            let name = detail.key == "line" || detail.key == "column"
            object[detail.key] = name ? Int(detail.value).map { .init(integerLiteral: $0) } : .string(detail.value)
        }
        if !self.error.violations.isEmpty {
            object["violations"] = .array(
                self.error.violations.map { violation in
                    .object([
                        "line": .init(integerLiteral: violation.line),
                        "column": .init(integerLiteral: violation.column),
                        "path": .string(violation.path),
                        "rule": .string(violation.rule),
                        "message": .object([
                            "vi": .string(violation.message.vi), "en": .string(violation.message.en),
                        ]),
                    ])
                }
            )
        }
        return .object(object)
    }

    var response: Response {
        var response = Response.json(self.json, status: self.status)
        response.headers[.contentType] = "application/problem+json"
        response.headers[Self.errorField] = self.error.code.rawValue
        if self.error.code.advice == .sameAgainLater, self.status == .serviceUnavailable {
            response.headers[.retryAfter] = "1"
        }
        if let wait = self.error.detail("retry-after") { response.headers[.retryAfter] = wait }
        if self.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"lgsp\"" }
        return response
    }
}

extension Response {
    /// An evidence pack, to be kept under a name that says whose it is.
    static func evidence(
        _ pack: EvidencePack, of id: MessageID, within time: Duration, to channel: any Channel
    ) -> Response {
        let parts = pack.archiveInParts
        var body = StreamedBody()
        body.add(parts.before)
        if let payload = parts.payload { body.add(payload, as: .bytes) }
        body.add(parts.after)
        return body.response(
            [
                .contentType: "application/x-tar", .contentDisposition: "attachment; filename=\"evidence-\(id).tar\"",
            ], within: time, to: channel
        )
    }

    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        .json(bytes: value.serialised(), status: status)
    }

    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
