import FoundationEssentials
import HubJSON
import HubModel

/// Performs the actions of one run of a suite and says what was not as expected.
struct SuiteStage {
    private let suite: Suite
    private let landscape: Landscape
    private let control: ControlClient
    private let observer: LandscapeObserver
    /// The name of this run, part of every key.
    private let run: String
    private let clock: ContinuousClock
    private var template: Template

    init(
        suite: Suite, landscape: Landscape, control: ControlClient, observer: LandscapeObserver, run: String,
        clock: ContinuousClock
    ) {
        self.suite = suite
        self.landscape = landscape
        self.control = control
        self.observer = observer
        self.run = run
        self.clock = clock
        self.template = Template(now: Self.now, unique: run)
    }

    /// - Returns: One sentence for each thing that was not as expected. What cannot be reached or read is such a
    ///   thing too; the suite goes on.
    /// - Throws: Only when the suite itself is stopped.
    mutating func perform(_ action: Suite.Action) async throws -> [String] {
        do {
            switch action {
            case .submit(let submit): return try await self.submit(submit)
            case .lookup(let lookup): return try await self.lookup(lookup)
            case .await(let wanted): return try await self.waitFor(wanted)
            case .pause(let system): return try await self.order(system, "pause")
            case .resume(let system): return try await self.order(system, "resume")
            case .outage(let duration):
                let seconds = Int((duration / .seconds(1)).rounded(.up))
                return try await self.orderNational("outage", ["seconds": .init(integerLiteral: seconds)])
            case .expireTokens: return try await self.orderNational("expire-tokens", [:])
            case .wait(let duration):
                try await self.clock.sleep(for: duration)
                return []
            }
        } catch let error as HubError {
            try Task.checkCancellation()
            return [error.description]
        }
    }

    // MARK: - Sending

    private mutating func submit(_ submit: Suite.Submit) async throws -> [String] {
        let system = try self.system(submit.system)
        var order: JSONObject = [
            "key": .string("\(self.suite.name)/\(self.run)/\(submit.label)"), "label": .string(submit.label),
            "type": .string(submit.type), "contentType": .string(submit.contentType),
            "sign": .string(submit.signer), "raw": .bool(submit.isRaw),
            "pad": .init(integerLiteral: submit.padding),
            "damage": .string(submit.breaksSignature ? "break-signature" : "none"),
            "body": .string(
                Base64.text(try self.body(submit.file, label: submit.label, variables: submit.variables))),
        ]
        if let recipients = submit.recipients { order["recipients"] = .array(recipients.map { .string($0) }) }
        if let text = submit.order {
            order["order"] = .string(
                try self.template.fill(text, label: submit.label, variables: submit.variables, now: Self.now))
        }
        let deadline = self.clock.now + self.control.patience
        while true {
            let url = "\(system.control)/control/\(system.id)/submit"
            let answer = try await self.control.json(.post, url, body: .object(order))
            if answer["pending"]?.bool != true { return Self.faults(of: answer, submit) }
            guard self.clock.now < deadline else { return ["\(submit.label): no answer from the hub"] }
        }
    }

    private static func faults(of answer: JSONValue, _ submit: Suite.Submit) -> [String] {
        Self.compare(
            label: submit.label, accepted: answer["accepted"]?.bool ?? false,
            code: answer["code"]?.string ?? "",
            violations: answer["problem"]?["violations"]?.array ?? [],
            detail: answer["problem"]?["detail"]?.string,
            with: submit.expectation
        )
    }

    static func compare(
        label: String, accepted: Bool, code: String, violations: [JSONValue], detail: String?,
        with expectation: Suite.Expectation
    ) -> [String] {
        switch expectation {
        case .accepted:
            if accepted { return [] }
            let first = violations.first.map { violation in
                let line = violation["line"]?.int.map { "line \($0), " } ?? ""
                return
                    " (\(line)\(violation["path"]?.string ?? ""): \(violation["message"]?["en"]?.string ?? ""))"
            }
            return ["\(label): refused with \(code)\(first ?? detail.map { ": " + $0 } ?? "")"]
        case .refused(let expected, let line, let path):
            if accepted { return ["\(label): accepted, though \(expected) was expected"] }
            if code != expected { return ["\(label): refused with \(code), not with \(expected)"] }
            guard line != nil || path != nil else { return [] }
            let isNamed = violations.contains { violation in
                (line == nil || violation["line"]?.int == line)
                    && (path.map { violation["path"]?.string?.contains($0) ?? false } ?? true)
            }
            if isNamed { return [] }
            let places = violations.map { "\($0["line"]?.int ?? 0) \($0["path"]?.string ?? "")" }
            return [
                "\(label): no violation at \(line.map { "line \($0) " } ?? "")\(path ?? "")"
                    + ", but at: \(places.joined(separator: "; "))"
            ]
        }
    }

    private mutating func lookup(_ lookup: Suite.Lookup) async throws -> [String] {
        let system = try self.system(lookup.system)
        let body = try self.body(lookup.file, label: lookup.service, variables: lookup.variables)
        let answer = try await self.control.json(
            .post, "\(system.control)/control/\(system.id)/lookup",
            body: [
                "service": .string(lookup.service), "body": .string(Base64.text(body)),
                "sign": .string(lookup.signer),
            ]
        )
        let accepted = answer["accepted"]?.bool ?? false
        var faults = Self.compare(
            label: lookup.service, accepted: accepted, code: answer["code"]?.string ?? "",
            violations: answer["reply"]?["violations"]?.array ?? [],
            detail: answer["reply"]?["detail"]?.string,
            with: lookup.expectation
        )
        guard accepted else { return faults }
        if let verdict = answer["reply_signature"]?.string, verdict != "valid" {
            faults.append("\(lookup.service): the hub's signature of the reply is \(verdict)")
        }
        for (pointer, text) in lookup.members {
            let found = answer["reply"]?.value(at: pointer)
            let value = found?.string ?? found.map { String(decoding: $0.serialised(), as: UTF8.self) }
            if value != text {
                faults.append("\(lookup.service): '\(value ?? "nothing")' at \(pointer), not '\(text)'")
            }
        }
        return faults
    }

    private mutating func body(
        _ file: String, label: String, variables: [String: String]
    ) throws -> [UInt8] {
        let data = try Data(contentsOf: URL(filePath: self.suite.folder + "/" + file))
        // Files that are broken on purpose need not be UTF-8; nothing is filled into them.
        guard let text = String(validating: data, as: UTF8.self) else { return [UInt8](data) }
        return Array(try self.template.fill(text, label: label, variables: variables, now: Self.now).utf8)
    }

    // MARK: - Waiting

    private func waitFor(_ wanted: Suite.Await) async throws -> [String] {
        let deadline = self.clock.now + wanted.limit
        while true {
            let missing = try await self.missing(wanted)
            if missing.isEmpty { return [] }
            if wanted.event == .notDelivered || self.clock.now >= deadline {
                return missing.map { "\(wanted.label): \($0)" }
            }
            try await self.clock.sleep(for: .milliseconds(100))
        }
    }

    /// What does not show in the ledgers yet.
    private func missing(_ wanted: Suite.Await) async throws -> [String] {
        let ledgers = try await self.observer.read(hubs: false).ledgers
        let key = "\(self.suite.name)/\(self.run)/\(wanted.label)"
        guard let submission = ledgers.submissions.first(where: { $0.key == key }) else {
            return ["was not submitted"]
        }
        return LedgerQuestion(ledgers: ledgers, submission: submission).missing(wanted.event)
    }

    // MARK: - Orders

    private func order(_ name: String, _ what: String) async throws -> [String] {
        let system = try self.system(name)
        _ = try await self.control.json(.post, "\(system.control)/control/\(system.id)/\(what)", body: [:])
        return []
    }

    private func orderNational(_ what: String, _ body: JSONObject) async throws -> [String] {
        guard let national = self.landscape.national else { return ["there is no national platform here"] }
        do throws(HubError) {
            _ = try await self.control.call(.post, "\(national.control)/control/\(what)", body: .object(body))
        } catch {
            // An outage that is on already: the answer to the first call was lost.
            guard error.detail("status") == "409" else { throw error }
        }
        return []
    }

    private func system(_ name: String) throws(HubError) -> LandscapeObserver.System {
        guard let system = self.observer.systems.first(where: { $0.id == name }) else {
            throw HubError(
                .configurationInvalid, "The suite names a system that the landscape does not have.",
                details: [ErrorDetail("system", name)]
            )
        }
        return system
    }

    private static var now: Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1000)
    }
}
