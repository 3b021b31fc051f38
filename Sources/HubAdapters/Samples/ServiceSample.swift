import HubCore
import HubJSON
import HubModel
import HubSchema
import HubXML

/// Takes the sample of a service through its contract: the request to the provider's form, and a reply back.
struct ServiceSample {
    let runner: SampleRunner
    let sample: SampleCase
    let service: ProvidedService
    let folder: String

    /// - Parameter reached: Takes the mappings that lead to something.
    /// - Returns: What does not end as the sample says.
    func findings(_ reached: inout Set<String>) -> [SampleFinding] {
        let offered = self.offered
        guard let bytes = SettingsFolder.bytes(of: "\(self.folder)/\(self.sample.payload)") else {
            return [.fault(SettingsFolder.fault("The sample's file cannot be read.", in: "\(self.folder)/\(self.sample.payload)"))]
        }
        let context: [String: String]
        let request: ServiceRequest
        do throws(HubError) {
            let (document, form) = try self.runner.read(bytes, as: self.service.request)
            let agency = form.sender(in: document) ?? ""
            let facts = CallFacts.sample(
                type: form.type, agency: agency, sender: self.runner.resolve(agency)?.text ?? agency
            )
            context = facts?.context(secret: SampleRunner.secret) ?? [:]
            request = try ServiceCaller.request(offered, document, context, self.runner.schemas)
        } catch {
            return SampleFinding.judge(error, self.sample, self.sample.expectation)
        }
        if let mapping = self.service.requestMapping { reached.insert(mapping) }
        if case .refused(let code, _, _) = self.sample.expectation {
            return [.fault(self.sample.fault("The request is accepted; \(code.rawValue) was expected."))]
        }
        return self.compare(request) + self.replyFindings(offered, context, &reached)
    }

    private var offered: OfferedService {
        let own = self.runner.catalogue.mappings[self.runner.adapter.system]
        return OfferedService(
            provider: self.runner.adapter, service: self.service,
            requestMapping: self.service.requestMapping.flatMap { own?[$0] },
            replyMapping: self.service.replyMapping.flatMap { own?[$0] }
        )
    }

    /// What the provider is sent, with the file that says so.
    private func compare(_ request: ServiceRequest) -> [SampleFinding] {
        guard let file = self.sample.sent else { return [] }
        switch request {
        case .json(let value): return SampleFinding.compare(value, with: "\(self.folder)/\(file)", self.sample)
        case .xml(let bytes): return SampleFinding.compare(xml: bytes, with: "\(self.folder)/\(file)", self.sample)
        }
    }

    private func replyFindings(
        _ offered: OfferedService, _ context: [String: String], _ reached: inout Set<String>
    ) -> [SampleFinding] {
        guard let file = self.sample.reply else { return [] }
        guard let bytes = SettingsFolder.bytes(of: "\(self.folder)/\(file)") else {
            return [.fault(SettingsFolder.fault("The reply of the sample cannot be read.", in: "\(self.folder)/\(file)"))]
        }
        let reply = ServiceReply(body: bytes, contentType: file.hasSuffix(".xml") ? "text/xml" : "application/json")
        let answer: ServiceReply
        do throws(HubError) {
            answer = try ServiceCaller.reply(offered, reply, context, self.runner.schemas)
        } catch {
            return SampleFinding.judge(error, self.sample, self.sample.replyExpectation)
        }
        if let mapping = self.service.replyMapping { reached.insert(mapping) }
        if case .refused(let code, _, _) = self.sample.replyExpectation {
            return [.fault(self.sample.fault("The reply is taken; \(code.rawValue) was expected."))]
        }
        guard let expected = self.sample.answer else { return [] }
        do throws(HubError) {
            return answer.isXML
                ? SampleFinding.compare(xml: answer.body, with: "\(self.folder)/\(expected)", self.sample)
                : SampleFinding.compare(try JSONDocument.parse(answer.body).value, with: "\(self.folder)/\(expected)", self.sample)
        } catch {
            return [.fault(self.sample.fault("The answer is not JSON: \(error.code.rawValue)."))]
        }
    }
}
