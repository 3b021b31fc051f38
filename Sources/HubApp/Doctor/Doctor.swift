internal import AsyncHTTPClient
internal import Foundation
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import HubNational
internal import NIOCore

/// Looks at everything a hub depends on and says what is wrong and what to do about it.
public struct Doctor: Sendable {
    public enum Verdict: String, Sendable {
        case well
        /// Worth knowing; the hub runs.
        case warning
        /// The hub does not run, or not for long.
        case ill
    }

    public struct Finding: Sendable {
        public let subject: String
        public let verdict: Verdict
        public let text: Bilingual

        public var json: JSONValue {
            .object([
                "subject": .string(self.subject), "verdict": .string(self.verdict.rawValue),
                "text": .object(["vi": .string(self.text.vi), "en": .string(self.text.en)]),
            ])
        }
    }

    private let configuration: HubConfiguration

    public init(_ configuration: HubConfiguration) {
        self.configuration = configuration
    }

    public func examine() async -> [Finding] {
        var findings = [self.catalogue(), self.key(), self.clock()]
        findings += self.certificates()
        findings += self.disk()
        findings.append(await self.ports())
        if let national = self.configuration.national {
            for (name, url) in [
                ("axis", national.axis.url), ("dossier", national.dossier.url), ("gateway", national.gateway.url),
            ] { findings.append(await self.peer("national \(name)", url)) }
        }
        for (name, url) in self.configuration.endpoints.sorted(by: { $0.key < $1.key }) {
            findings.append(await self.peer("endpoint \(name)", url))
        }
        return findings
    }

    private func catalogue() -> Finding {
        do throws(HubError) {
            let found = try Hub(self.configuration).check()
            return Finding(
                subject: "catalogue", verdict: .well,
                text: Bilingual(
                    vi: "\(found.adapters.count) bộ kết nối, \(found.types.count) loại thông điệp, "
                        + "\(found.agencies) cơ quan.",
                    en: "\(found.adapters.count) adapters, \(found.types.count) message types, "
                        + "\(found.agencies) agencies."
                )
            )
        } catch {
            return Self.ill("catalogue", error)
        }
    }

    private func key() -> Finding {
        do throws(HubError) {
            let key = try HubKeys(self.configuration).signingKey()
            let print = String(key.publicKey.fingerprint.description.prefix(16))
            return Finding(
                subject: "signing key", verdict: .well,
                text: Bilingual(vi: "\(key.kind.rawValue), vân tay \(print)…", en: "\(key.kind.rawValue), \(print)…")
            )
        } catch {
            return Self.ill("signing key", error)
        }
    }

    private func clock() -> Finding {
        let now = SystemClock().now
        guard now > Timestamp(seconds: 1_735_689_600) else {
            return Finding(
                subject: "clock", verdict: .ill,
                text: Bilingual(
                    vi: "Đồng hồ chỉ \(now), trước năm 2025; hãy đồng bộ thời gian.",
                    en: "The clock shows \(now), before 2025; synchronise it."
                )
            )
        }
        let local = CivilTime(now, offset: CivilTime.vietnamOffset).edxmlStamp
        return Finding(
            subject: "clock", verdict: .well,
            text: Bilingual(vi: "\(local) giờ Việt Nam.", en: "\(local) in Viet Nam's time.")
        )
    }

    private func certificates() -> [Finding] {
        let folder = self.configuration.trustFolder + "/systems"
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        let now = SystemClock().now
        return files.compactMap { file in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)"),
                let certificate = try? Certificate(pem: Array(data))
            else { return nil }
            let days = certificate.notAfter.since(now).components.seconds / 86_400
            let verdict: Verdict = days < 0 ? .ill : days < 30 ? .warning : .well
            return Finding(
                subject: "certificate \(file)", verdict: verdict,
                text: Bilingual(
                    vi: days < 0 ? "Đã hết hạn \(-days) ngày." : "Còn hạn \(days) ngày.",
                    en: days < 0 ? "Expired \(-days) days ago." : "Valid for \(days) more days."
                )
            )
        }
    }

    /// Free space, and what one synced write costs: every message waits for one.
    private func disk() -> [Finding] {
        let folder = self.configuration.dataFolder
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else {
            return [
                Finding(
                    subject: "disk", verdict: .ill,
                    text: Bilingual(vi: "Không mở được \(folder).", en: "The folder \(folder) cannot be opened.")
                )
            ]
        }
        let free = (Int64(facts.f_bavail) * Int64(facts.f_frsize)) >> 20
        let space = Finding(
            subject: "disk space", verdict: free < 256 ? .ill : free < 2048 ? .warning : .well,
            text: Bilingual(vi: "Còn trống \(free) MB.", en: "\(free) MB are free.")
        )
        let path = "\(folder)/.doctor-\(getpid())"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return [
                space,
                Finding(
                    subject: "disk sync", verdict: .ill,
                    text: Bilingual(vi: "Không ghi được vào \(folder).", en: "The folder \(folder) cannot be written.")
                ),
            ]
        }
        defer {
            close(descriptor)
            unlink(path)
        }
        let block = [UInt8](repeating: 7, count: 4096)
        var times: [Duration] = []
        for _ in 0..<32 {
            let started = ContinuousClock.now
            guard write(descriptor, block, block.count) == block.count, fdatasync(descriptor) == 0 else { break }
            times.append(started.duration(to: .now))
        }
        guard times.count == 32 else {
            return [
                space,
                Finding(
                    subject: "disk sync", verdict: .ill,
                    text: Bilingual(vi: "Ghi hoặc đồng bộ thất bại.", en: "A write or a sync failed.")
                ),
            ]
        }
        let median = times.sorted()[16] / .milliseconds(1)
        let text = String(format: "%.2f", median)
        let sync = Finding(
            subject: "disk sync", verdict: median > 20 ? .warning : .well,
            text: Bilingual(
                vi: "Một lần ghi 4 KB có đồng bộ mất \(text) ms (trung vị của 32).",
                en: "A synced write of 4 KB takes \(text) ms (median of 32)."
            )
        )
        return [space, sync]
    }

    private func ports() async -> Finding {
        if let answer = try? await HubClient(self.configuration).readiness() {
            let isReady = answer.status == 200
            let reasons = (answer.body["checks"]?.array ?? []).filter { $0["well"]?.bool == false }
                .compactMap { check in check["reason"]?.string }
            let tail = reasons.isEmpty ? "" : " " + reasons.joined(separator: " ")
            return Finding(
                subject: "hub", verdict: isReady ? (reasons.isEmpty ? .well : .warning) : .ill,
                text: Bilingual(
                    vi: (isReady ? "Đang chạy và sẵn sàng." : "Đang chạy nhưng chưa sẵn sàng.") + tail,
                    en: (isReady ? "Running and ready." : "Running and not ready.") + tail
                )
            )
        }
        let taken = [self.configuration.listen, self.configuration.admin].filter {
            $0.port != 0 && !FreePorts.isFree(host: $0.host, port: $0.port)
        }
        guard let first = taken.first else {
            return Finding(
                subject: "hub", verdict: .warning,
                text: Bilingual(
                    vi: "Chưa chạy; các cổng đều trống. Chạy: lgsp serve",
                    en: "Not running; its ports are free. Start it with: lgsp serve"
                )
            )
        }
        return Finding(
            subject: "hub", verdict: .ill,
            text: Bilingual(
                vi: "Cổng \(first.port) đang bị chương trình khác dùng; đổi cổng trong hub.yaml.",
                en: "Port \(first.port) is used by another program; change it in hub.yaml."
            )
        )
    }

    private func peer(_ name: String, _ url: String) async -> Finding {
        let answers = (try? await HTTPClient.shared.execute(HTTPClientRequest(url: url + "/"), timeout: .seconds(3))) != nil
        return Finding(
            subject: name, verdict: answers ? .well : .warning,
            text: answers
                ? Bilingual(vi: "\(url) có trả lời.", en: "\(url) answers.")
                : Bilingual(
                    vi: "\(url) không trả lời; thông điệp gửi đến đó sẽ chờ.",
                    en: "\(url) does not answer; messages for it will wait."
                )
        )
    }

    private static func ill(_ subject: String, _ error: HubError) -> Finding {
        let details = error.details.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        return Finding(
            subject: subject, verdict: .ill,
            text: Bilingual(
                vi: error.code.title.vi + (details.isEmpty ? "" : " " + details),
                en: "\(error.summary)" + (details.isEmpty ? "" : " " + details)
            )
        )
    }
}
