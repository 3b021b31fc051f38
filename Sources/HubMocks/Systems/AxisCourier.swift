import HubDialects
import HubEnvelope
import HubJSON
import HubModel

/// A document system's line to the hub: the axis dialect with this system's secret.
struct AxisCourier: Courier {
    /// A packet fetched from the inbox.
    struct Packet: Sendable {
        var entry: AxisInboxEntry
        var bytes: [UInt8]
    }

    let system: SystemID
    let secret: [UInt8]
    let hub: String
    let http: SystemHTTP
    let clock: @Sendable () -> Timestamp

    func send(_ message: LedgerState.Outgoing, body: [UInt8]) async -> CourierReply {
        let headers = AxisHeaders(
            systemID: self.system.description, timestamp: self.clock(),
            from: message.from.isEmpty ? nil : message.from, to: message.recipients,
            messageType: message.type == "edoc/status/1" ? .status : .edoc, fileHash: message.digest
        )
        do throws(HubError) {
            let reply = try await self.exchange(.post, AxisPath.sendEdoc, headers, body: body)
            return Self.reading(reply)
        } catch {
            return .again(error.code.rawValue)
        }
    }

    /// What waits for this system.
    ///
    /// - Throws: `delivery.unavailable`, `delivery.reply_unreadable`.
    func inbox(_ type: AxisMessageType) async throws(HubError) -> [AxisInboxEntry] {
        try await self.asked(AxisPath.getReceivedEdocList, self.headers(messageType: type)).entries()
            .filter { !$0.status.isFinal }
    }

    /// - Throws: `delivery.unavailable`, `delivery.reply_unreadable`.
    func fetch(_ entry: AxisInboxEntry) async throws(HubError) -> [UInt8] {
        try await self.asked(
            AxisPath.getEdoc, self.headers(messageType: entry.messageType, docID: entry.docID)
        )
        .document()
    }

    /// Tells the hub that a packet need not come again.
    ///
    /// - Throws: `delivery.unavailable`, `delivery.reply_unreadable`.
    func confirm(_ entry: AxisInboxEntry) async throws(HubError) {
        var headers = self.headers(messageType: entry.messageType, docID: entry.docID)
        headers.status = .done
        _ = try await self.asked(AxisPath.updateStatus, headers, method: .post)
    }

    private func headers(messageType: AxisMessageType, docID: String? = nil) -> AxisHeaders {
        AxisHeaders(
            systemID: self.system.description, timestamp: self.clock(), messageType: messageType, docID: docID
        )
    }

    private func asked(
        _ path: String, _ headers: AxisHeaders, method: SystemHTTP.Method = .get
    ) async throws(HubError) -> AxisReply {
        let reply = try await self.exchange(method, path, headers, body: nil)
        let parsed = try AxisReply.parse(reply.body)
        guard parsed.isOK else {
            throw HubError(
                .deliveryUnavailable, "The hub did not do what a document system asked for.",
                details: [ErrorDetail("error_code", parsed.errorCode), ErrorDetail("path", path)]
            )
        }
        return parsed
    }

    private func exchange(
        _ method: SystemHTTP.Method, _ path: String, _ headers: AxisHeaders, body: [UInt8]?
    ) async throws(HubError) -> SystemHTTP.Reply {
        var lines = try headers.signed(with: self.secret)
        lines.append(("User-Agent", AxisClient.userAgent))
        if body != nil { lines.append(("Content-Type", "application/octet-stream")) }
        return try await self.http.send(method, self.hub + path, headers: lines, body: body)
    }

    /// A yes is HTTP 200 with `OK`.
    ///
    /// A no carries the hub's own code as a problem or in a header.
    static func reading(_ reply: SystemHTTP.Reply) -> CourierReply {
        let body = try? JSONDocument.parse(reply.body).value
        if let parsed = try? AxisReply.parse(reply.body), parsed.isOK, (200...299).contains(reply.status) {
            return .accepted(
                http: reply.status, id: parsed.docID, isRepeat: body?["repeated"]?.bool ?? false, body: body
            )
        }
        guard
            let code = body?["problem"]?["code"]?.string ?? reply.header("Lgsp-Error")
                ?? body?["code"]?.string
        else { return .again("http.\(reply.status)") }
        return .refusal(http: reply.status, code: code, body: body?["problem"] ?? body)
    }
}
