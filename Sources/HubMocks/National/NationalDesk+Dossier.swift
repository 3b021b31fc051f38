import HubDialects
import HubEnvelope
import HubJSON
import HubModel

extension NationalDesk {
    /// Answers a login at the dossier portal.
    func login(_ request: PlatformRequest) throws(HubError) -> DossierLoginReply {
        guard request.query("dstcode") == DossierPath.nationalPortal else {
            return DossierLoginReply(errorCode: "2", message: "dstcode không hợp lệ")
        }
        let login = try DossierLogin.parse(request.body)
        let account = self.configuration.dossierAccounts.first { $0.username == login.username }
        guard let account, HMACSHA256.isEqual(Array(account.password.utf8), Array(login.password.utf8)) else {
            return DossierLoginReply(errorCode: "1", message: "Sai tên đăng nhập hoặc mật khẩu")
        }
        return DossierLoginReply(errorCode: "0", session: try self.issue(.session, to: account.username))
    }

    /// Answers one of the portal's services.
    ///
    /// A packet of several records is taken whole or not at all.
    func answer(dossier request: PlatformRequest) throws(HubError) -> DossierReply {
        guard request.header(DossierPath.destinationName) == [DossierPath.nationalPortal] else {
            return try self.refuse("2", "dstcode không hợp lệ", nil)
        }
        let packet: DossierPacket
        do throws(HubError) {
            packet = try DossierPacket.parse(request.body)
        } catch {
            return try self.refuse("4", "Gói tin không hợp lệ", nil)
        }
        guard let account = try self.owner(of: packet.session, .session) else { return .sessionExpired }
        guard let service = packet.service else {
            return try self.refuse("5", "Dịch vụ không tồn tại", packet)
        }
        guard let unit = packet.unit, !unit.isEmpty else {
            return try self.refuse("4", "Thiếu madonvi", packet)
        }
        guard !packet.dossiers.isEmpty, service == .lookup || packet.dossiers.count == packet.records.count
        else {
            return try self.refuse("4", "Thiếu MaHoSo", packet)
        }
        switch service {
        case .sync: return try self.sync(packet, unit, account)
        case .progress: return try self.progress(packet, unit, account)
        case .lookup: return try self.lookup(packet, account)
        }
    }

    private func sync(_ packet: DossierPacket, _ unit: String, _ account: String) throws(HubError)
        -> DossierReply
    {
        guard Set(packet.dossiers).count == packet.dossiers.count else {
            return try self.refuse("4", "MaHoSo lặp lại trong gói tin", packet)
        }
        for name in packet.dossiers {
            let isKnown = self.state.dossiers[name] != nil
            if isKnown, !packet.isUpdating {
                _ = try self.refuse("3", "", packet)
                return .exists(name)
            }
            if !isKnown, packet.isUpdating {
                return try self.refuse("6", "Mã hồ sơ \(name) không có trên hệ thống", packet)
            }
        }
        try self.record(
            zip(packet.dossiers, packet.records).map { name, record in
                self.event(packet.isUpdating ? .dossierUpdated : .dossierCreated, name, record, unit, account)
            })
        return .ok()
    }

    private func progress(_ packet: DossierPacket, _ unit: String, _ account: String) throws(HubError)
        -> DossierReply
    {
        var events: [NationalEvent] = []
        for (name, record) in zip(packet.dossiers, packet.records) {
            guard let dossier = self.state.dossiers[name] else {
                return try self.refuse("6", "Mã hồ sơ \(name) không có trên hệ thống", packet)
            }
            var event = self.event(.dossierProgressed, name, record, unit, account)
            event.statusCode = record["TrangThai"]?.string
            if let digest = event.digest, dossier.progress.contains(digest) {
                event.kind = .dossierProgressRepeated
            }
            events.append(event)
        }
        try self.record(events)
        return .ok()
    }

    private func lookup(_ packet: DossierPacket, _ account: String) throws(HubError) -> DossierReply {
        var found: [JSONValue] = []
        var events: [NationalEvent] = []
        for name in packet.dossiers {
            var event = NationalEvent(.dossierLookedUp, at: self.now())
            event.system = account
            event.dossier = name
            event.detail = "not found"
            if let dossier = self.state.dossiers[name] {
                event.detail = "found"
                found.append([
                    "MaHoSo": .string(name), "MaDonVi": .string(dossier.unit),
                    "SoLanCapNhat": .string(String(dossier.updates)),
                    "SoBuocXuLy": .string(String(dossier.progress.count)),
                ])
            }
            events.append(event)
        }
        try self.record(events)
        return .ok(result: .array(found))
    }

    private func refuse(_ code: String, _ text: String, _ packet: DossierPacket?) throws(HubError)
        -> DossierReply
    {
        try self.record([
            NationalEvent(.dossierRefused, at: self.now()).with {
                $0.dossier = packet?.dossiers.first
                $0.detail = code
            }
        ])
        return DossierReply(errorCode: code, message: text)
    }

    private func event(
        _ kind: NationalEvent.Kind, _ name: String, _ record: JSONValue, _ unit: String, _ account: String
    ) -> NationalEvent {
        NationalEvent(kind, at: self.now()).with {
            $0.dossier = name
            $0.digest = SHA256.hash(record.serialised(sortedKeys: true))
            $0.system = account
            $0.from = unit
        }
    }
}
