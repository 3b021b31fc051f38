import HubDialects
import HubEnvelope
import HubModel

extension NationalDesk {
    /// When the next status of a ministry is due.
    var nextDue: Timestamp? { self.state.planned.first?.due }

    /// Sends the statuses that are due, to the centre that the answered packet came from.
    func answerForMinistries() throws(HubError) {
        while let plan = self.state.planned.first, plan.due <= self.now() {
            let answered = NationalEvent(.ministryAnswered, at: self.now()).with {
                $0.system = plan.ministry.text
                $0.answers = plan.answers
                $0.step = plan.step
                $0.statusCode = plan.code
            }
            guard let packet = self.state.packets[plan.answers],
                let arrival = try self.status(plan, packet)
            else {
                // Its body or its sender is gone: nobody can be told, and the plan must not be tried for ever.
                try self.record([answered.with { $0.detail = "nobody to tell" }])
                continue
            }
            _ = try self.accept(
                arrival,
                before: [
                    answered.with {
                        $0.documentID = arrival.message.documentID
                        $0.to = arrival.receivers
                        $0.digest = arrival.digest
                    }
                ]
            )
        }
    }

    private func status(
        _ plan: NationalState.PlannedStatus, _ packet: NationalState.Packet
    ) throws(HubError) -> Arrival? {
        guard let message = (try? self.bodies.body(packet.digest)).flatMap({ try? EdocMessage.parse($0) }),
            let ministry = self.configuration.ministries.first(where: { $0.code == plan.ministry })
        else { return nil }
        // A ministry answers under the code by which it was addressed.
        let name = message.to.first { AgencyCode($0.id)?.root == ministry.code }?.id ?? ministry.code.text
        let status = EdocStatus(
            from: EdocOrganisation(id: name, name: ministry.name),
            responseFor: message.statusCode == nil
                ? message.reference : message.responseFor.first ?? message.reference,
            code: plan.code, description: EdocStatusCode(rawValue: plan.code)?.title ?? plan.code,
            timestamp: CivilTime(self.now(), offset: CivilTime.vietnamOffset)
        )
        let body = status.encoded()
        let digest = SHA256.hash(body)
        try self.bodies.keep(body, digest: digest)
        return Arrival(
            system: ministry.code.text, from: name, type: .status, digest: digest,
            message: try EdocMessage.parse(body), places: [(.centre(packet.system), [message.from.id])],
            receivers: [message.from.id], clientID: nil
        )
    }
}
