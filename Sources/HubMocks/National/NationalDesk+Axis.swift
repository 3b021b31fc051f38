import HubDialects
import HubEnvelope
import HubModel

extension NationalDesk {
    /// Who a packet goes to: the inbox of a centre, or a ministry.
    enum Place: Hashable {
        case centre(String)
        case ministry(AgencyCode)
    }

    /// Answers a request on the axis.
    func answer(axis request: PlatformRequest) -> AxisReply {
        do throws(HubError) {
            let claim = try AxisClaim(request.header)
            let system = self.configuration.systems.first { $0.id == claim.systemID }
            let headers = try claim.verified(
                secret: system.map { Array($0.secret.utf8) }, now: self.now(),
                skew: self.configuration.clockSkew
            )
            guard let system else { throw HubError(.accessUnauthenticated, "The system is not known.") }
            switch request.path {
            case AxisPath.sendEdoc: return try self.send(headers, system, request.body)
            case AxisPath.getReceivedEdocList: return self.list(headers)
            case AxisPath.getEdoc: return try self.fetch(headers)
            case AxisPath.updateStatus: return try self.mark(headers)
            default: return AxisReply.failed(.systemError)
            }
        } catch {
            return self.refuse(error, request)
        }
    }

    /// A refusal is written down like anything else; should even that fail, the client hears of a system error.
    private func refuse(_ error: HubError, _ request: PlatformRequest) -> AxisReply {
        let event = NationalEvent(.axisRefused, at: self.now()).with {
            $0.system = request.header("XroadVnpt-systemid").first
            $0.from = request.header("XroadVnpt-from").first
            $0.digest = request.body.isEmpty ? nil : SHA256.hash(request.body)
            $0.detail = error.code.rawValue
        }
        return (try? self.record([event])) == nil ? .failed(.systemError) : .refused(error)
    }

    private func send(
        _ headers: AxisHeaders, _ system: NationalPlatformConfiguration.System, _ body: [UInt8]
    ) throws(HubError) -> AxisReply {
        try headers.check(body: body)
        let digest = SHA256.hash(body)
        if let clientID = headers.docID,
            let docID = self.state.sendings[.init(system: system.id, clientID: clientID, digest: digest)]
        {
            try self.record([
                NationalEvent(.axisRepeated, at: self.now()).with {
                    $0.docID = docID
                    $0.system = system.id
                    $0.digest = digest
                    $0.clientID = clientID
                }
            ])
            return .ok(docID: docID)
        }
        let from = try self.sender(headers, system)
        guard let type = headers.messageType else {
            throw HubError(.apiRequestMalformed, "The message type is missing.")
        }
        let message = try EdocMessage.parse(body)
        guard (message.statusCode != nil) == (type == .status) else {
            throw HubError(.intakeTypeUnknown, "The packet is of another type than the headers say.")
        }
        let receivers = headers.to.isEmpty ? message.to.map(\.id) : headers.to
        let places = try self.places(of: receivers)
        try self.bodies.keep(body, digest: digest)
        let docID = try self.accept(
            Arrival(
                system: system.id, from: from, type: type, digest: digest, message: message, places: places,
                receivers: receivers, clientID: headers.docID
            )
        )
        return .ok(docID: docID)
    }

    /// The agency that sends must belong to the centre that speaks for it.
    private func sender(
        _ headers: AxisHeaders, _ system: NationalPlatformConfiguration.System
    ) throws(HubError) -> String {
        guard let from = headers.from,
            from == system.id || AgencyCode(from).map({ system.codes.contains($0.root) }) == true
        else { throw HubError(.accessAgencyNotOwn, "The sending agency is not registered for this system.") }
        return from
    }

    /// Where the receivers are, each place once, in the order in which it is first named.
    private func places(of receivers: [String]) throws(HubError) -> [(place: Place, to: [String])] {
        var places: [(place: Place, to: [String])] = []
        for receiver in receivers {
            guard let place = self.place(of: receiver) else {
                throw HubError(
                    .routeReceiverUnknown, "No system or ministry is known for a receiver.",
                    details: [ErrorDetail("receiver", receiver)]
                )
            }
            if let index = places.firstIndex(where: { $0.place == place }) {
                places[index].to.append(receiver)
            } else {
                places.append((place, [receiver]))
            }
        }
        guard !places.isEmpty else { throw HubError(.routeReceiverUnknown, "The packet names no receiver.") }
        return places
    }

    private func place(of receiver: String) -> Place? {
        if let centre = self.configuration.systems.first(where: { $0.id == receiver }) {
            return .centre(centre.id)
        }
        guard let root = AgencyCode(receiver)?.root else { return nil }
        if let centre = self.configuration.systems.first(where: { $0.codes.contains(root) }) {
            return .centre(centre.id)
        }
        return self.configuration.ministries.contains { $0.code == root } ? .ministry(root) : nil
    }

    /// A packet that is taken.
    struct Arrival {
        let system: String
        let from: String
        let type: AxisMessageType
        let digest: Digest
        let message: EdocMessage
        let places: [(place: Place, to: [String])]
        let receivers: [String]
        let clientID: String?
    }

    /// Writes down a packet and where it goes, in one piece.
    func accept(
        _ arrival: Arrival, before: [NationalEvent] = []
    ) throws(HubError) -> String {
        let docID = Hex.text(SecureRandom.bytes(12))
        let base = NationalEvent(.axisAccepted, at: self.now()).with {
            $0.docID = docID
            $0.digest = arrival.digest
            $0.system = arrival.system
            $0.from = arrival.from
            $0.to = arrival.receivers
            $0.messageType = arrival.type.rawValue
            $0.clientID = arrival.clientID
            $0.documentID = arrival.message.documentID
            $0.businessType = arrival.message.business?.rawValue
            $0.statusCode = arrival.message.statusCode
        }
        var events = before + [base]
        for (place, to) in arrival.places {
            events.append(
                base.with {
                    $0.to = to
                    $0.clientID = nil
                    switch place {
                    case .centre(let centre):
                        $0.kind = .axisQueued
                        $0.system = centre
                    case .ministry(let code):
                        let receipt = NationalState.Receipt(ministry: code.text, digest: arrival.digest)
                        $0.kind =
                            self.state.received.contains(receipt) ? .ministryRepeated : .ministryReceived
                        $0.system = code.text
                        $0.documentID = arrival.message.subjectDocumentID ?? arrival.message.documentID
                    }
                }
            )
        }
        try self.record(events)
        return docID
    }

    private func list(_ headers: AxisHeaders) -> AxisReply {
        let waiting = self.state.inboxes[headers.systemID]?.waiting ?? []
        let entries = waiting.lazy.compactMap { docID, entry -> AxisInboxEntry? in
            guard let packet = self.state.packets[docID],
                headers.messageType == nil || headers.messageType == packet.messageType
            else { return nil }
            return AxisInboxEntry(
                docID: docID, messageType: packet.messageType, createdTime: Self.stamp(packet.acceptedAt),
                updatedTime: Self.stamp(entry.updatedAt), from: packet.from, to: entry.to,
                status: entry.status
            )
        }
        return .list(Array(entries.prefix(Self.listLimit)))
    }

    /// A list is polled again as soon as it has been worked through.
    private static let listLimit = 200

    private func fetch(_ headers: AxisHeaders) throws(HubError) -> AxisReply {
        let (docID, entry, packet) = try self.waiting(headers)
        let body = try self.bodies.body(packet.digest)
        var event = self.event(.axisFetched, docID, packet, headers)
        event.to = entry.to
        try self.record([event])
        return .document(body, docID: docID)
    }

    private func mark(_ headers: AxisHeaders) throws(HubError) -> AxisReply {
        guard let status = headers.status, status != .inbox else {
            throw HubError(.apiRequestMalformed, "The new status is missing.")
        }
        // A repeat of a final status finds the packet gone from the inbox: the reply to the first was lost.
        if let docID = headers.docID, let packet = self.state.packets[docID],
            self.state.inboxes[headers.systemID]?[docID] == nil, packet.system != headers.systemID,
            status.isFinal
        {
            return .ok(docID: docID)
        }
        let (docID, entry, packet) = try self.waiting(headers)
        let kind: NationalEvent.Kind =
            switch status {
            case .done: .axisDone
            case .fail: .axisFailed
            case .inbox, .processing: .axisFetched
            }
        var event = self.event(kind, docID, packet, headers)
        event.to = entry.to
        try self.record([event])
        return .ok(docID: docID)
    }

    private func waiting(
        _ headers: AxisHeaders
    ) throws(HubError) -> (String, NationalState.InboxEntry, NationalState.Packet) {
        guard let docID = headers.docID, let entry = self.state.inboxes[headers.systemID]?[docID],
            let packet = self.state.packets[docID]
        else { throw HubError(.messageNotFound, "No such packet waits in the inbox of this system.") }
        return (docID, entry, packet)
    }

    private func event(
        _ kind: NationalEvent.Kind, _ docID: String, _ packet: NationalState.Packet, _ headers: AxisHeaders
    ) -> NationalEvent {
        NationalEvent(kind, at: self.now()).with {
            $0.docID = docID
            $0.digest = packet.digest
            $0.system = headers.systemID
            $0.from = packet.from
            $0.messageType = packet.messageType.rawValue
        }
    }

    private static func stamp(_ moment: Timestamp) -> String {
        CivilTime(moment, offset: CivilTime.vietnamOffset).edxmlStamp
    }
}
