internal import HubCore
internal import HubJSON
internal import HubModel
internal import Hummingbird

extension AdminAPI {
    /// Where documents stand with their receivers.
    func addCourseRoutes(to routes: RouteTable) {
        // The id of a document has slashes, so it is asked for and not part of the path.
        routes.get("/admin/v1/course") { request, _ in
            try self.authorise(request)
            guard let matter = request.query("matter"), !matter.isEmpty else {
                throw HubError(.apiRequestMalformed, "Say which document: ?matter=ID.")
            }
            return Response.json(Self.json(of: try await CourseDesk(journal: self.journal).matter(matter)))
        }
        routes.get("/admin/v1/unanswered") { request, _ in
            try self.authorise(request)
            let hours = try request.number("hours", in: 0...100_000) ?? 24
            let days = try request.number("days", in: 1...100_000) ?? 30
            let limit = try request.number("limit", in: 1...10_000) ?? 1000
            let before = try request.number("before", in: 0...Int.max).map(Int64.init)
            let now = self.clock.now
            let report = try await CourseDesk(journal: self.journal).silences(
                from: now.advanced(by: .zero - .seconds(days * 86_400)), until: now.advanced(by: .zero - .seconds(hours * 3600)),
                before: before, limit: limit
            )
            return Response.json(
                .object([
                    "unanswered": .array(report.silences.map(Self.json)),
                    "documents": .init(integerLiteral: report.documents),
                    "next": report.next.map { .init(integerLiteral: Int($0)) } ?? .null,
                ])
            )
        }
    }

    private static func json(of matter: CourseDesk.Matter) -> JSONValue {
        .object([
            "matter": .string(matter.id),
            "messages": .array(
                matter.messages.map { stored in
                    .object([
                        "id": .string(stored.message.id.description), "sender": .string(stored.message.sender.description),
                        "agency": .string(stored.message.agency), "accepted_at": .string(stored.message.receivedAt.description),
                    ])
                }
            ),
            "receivers": .array(
                matter.receivers.map { receiver in
                    .object([
                        "recipient": .string(receiver.recipient), "phase": .string(receiver.delivery.phase.rawValue),
                        "status": receiver.course.status.map { .string($0.note.status) } ?? .null,
                        "steps": Self.json(of: receiver.course),
                    ])
                }
            ),
            "others": .array(
                matter.others.map { course in
                    .object([
                        "agency": .string(course.agency), "status": course.status.map { .string($0.note.status) } ?? .null,
                        "steps": Self.json(of: course),
                    ])
                }
            ),
        ])
    }

    private static func json(of course: Course) -> JSONValue {
        .array(
            course.entries.map { entry in
                .object([
                    "status": .string(entry.step.note.status), "told": .string(entry.step.note.told),
                    "message": .string(entry.step.message.description),
                    "accepted_at": .string(entry.step.acceptedAt.description), "late": .bool(entry.isLate),
                    "warnings": .array(entry.step.warnings.map { .string($0) }),
                ])
            }
        )
    }

    private static func json(of silence: CourseDesk.Silence) -> JSONValue {
        .object([
            "matter": .string(silence.matter), "message": .string(silence.message.id.description),
            "sender": .string(silence.message.sender.description), "agency": .string(silence.message.agency),
            "accepted_at": .string(silence.message.receivedAt.description), "recipient": .string(silence.recipient),
            "destination": .string(silence.delivery.plan.destination.description),
            "phase": .string(silence.delivery.phase.rawValue),
            "code": silence.delivery.code.map { .string($0.rawValue) } ?? .null,
        ])
    }
}
