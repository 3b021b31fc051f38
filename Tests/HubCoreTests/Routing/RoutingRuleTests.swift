import HubAdapters
import HubCore
import HubJSON
import HubModel
import HubSchema
import HubTesting
import HubXML
import Testing

@Suite("A routing rule")
struct RoutingRuleTests {
    private struct Bench {
        let router: Router
        let form: MessageForm
        let document: Document
        let sender: Adapter
        let day: CivilDate

        init(_ rules: [RoutingRule]) throws {
            let landscape = try Landscape.shared.get()
            let home = try #require(AgencyCode("H44"))
            self.router = Router(
                directory: try #require(landscape.directories["H44"]), home: home, adapters: landscape.adapters.adapters,
                rules: rules, isConnected: true
            )
            self.form = try #require(landscape.adapters.forms[.edocDocument])
            self.document = .xml(
                try XMLDocument.parse(EdocText.document(to: ["000.00.11.H44", "000.00.11.H55"], priority: 0))
            )
            self.sender = try landscape.adapter("qlvb-so-tttt-h44")
            self.day = try #require(CivilDate(year: 2026, month: 1, day: 2))
        }

        func route(_ trace: RouteTrace? = nil) throws(HubError) -> [String] {
            try self.router.route(self.document, form: self.form, from: self.sender, named: nil, on: self.day, trace: trace)
                .map(\.destination.description)
        }
    }

    private static let archive = SystemID("luu-tru")

    private static func rule(
        _ action: RoutingRule.Action, named name: String = "mau", when conditions: [ContentCondition] = [],
        from: [AgencyCode] = [], stop: Bool = false
    ) -> RoutingRule {
        RoutingRule(
            name: name, title: Bilingual(vi: "Mẫu", en: "A sample"), messages: [.edocDocument], senders: from,
            conditions: conditions, action: action, isLast: stop
        )
    }

    private static func copy() throws -> RoutingRule.Action {
        .copy(to: try #require(Self.archive), by: .mailbox, target: nil, mapping: "")
    }

    @Test("adds a copy for a system that is not among the receivers")
    func copies() throws {
        let without = try Bench([]).route()
        let with = try Bench([Self.rule(Self.copy())]).route()
        #expect(Set(with) == Set(without + ["mailbox:luu-tru"]))
        #expect(with.count == without.count + 1)
    }

    @Test("sends receivers of the province elsewhere, and no others")
    func redirects() throws {
        let plain = try Bench([]).route()
        let redirected = try Bench([Self.rule(.redirect(to: try #require(Self.archive), by: .http(endpoint: "a", path: "/b")))]).route()
        #expect(plain.contains("mailbox:qlvb-so-tc-h44"))
        #expect(redirected.contains("push:luu-tru") && !redirected.contains("mailbox:qlvb-so-tc-h44"))
        #expect(plain.filter { $0.hasPrefix("national") } == redirected.filter { $0.hasPrefix("national") })
    }

    @Test("refuses with its own reason")
    func refuses() throws {
        let bench = try Bench([Self.rule(.refuse(Bilingual(vi: "Không nhận.", en: "Not taken.")))])
        let error = #expect(throws: HubError.self) { try bench.route() }
        #expect(error?.code == .routeRefused)
        #expect(error?.detail("rule") == "mau" && error?.detail("reason_vi") == "Không nhận.")
    }

    @Test("that is the last keeps later ones from being asked")
    func stops() throws {
        let refuse = Self.rule(.refuse(Bilingual(vi: "a", en: "a")), named: "sau")
        #expect(throws: Never.self) { try Bench([Self.rule(Self.copy(), stop: true), refuse]).route() }
        #expect(throws: HubError.self) { try Bench([Self.rule(Self.copy()), refuse]).route() }
    }

    @Test("asks for the sender, and for all below an agency")
    func senders() throws {
        let (own, other) = (try #require(AgencyCode("H44")), try #require(AgencyCode("H55")))
        #expect(try Bench([Self.rule(Self.copy(), from: [own])]).route().contains("mailbox:luu-tru"))
        #expect(try !Bench([Self.rule(Self.copy(), from: [other])]).route().contains("mailbox:luu-tru"))
    }

    static let conditions: [(String, ContentCondition.Test, Bool)] = [
        ("Subject", .present(true), true), ("Subject", .present(false), false), ("Nothing", .present(false), true),
        ("Priority", .equals("0"), true), ("Priority", .differs(from: "0"), false), ("Priority", .oneOf(["3", "0"]), true),
        ("Priority", .atLeast(1), false), ("Priority", .atMost(0), true), ("Subject", .atLeast(0), false),
        ("PromulgationDate", .begins(with: "20"), true), ("PromulgationDate", .contains("/"), true),
    ]

    @Test("asks what it says", arguments: Self.conditions.indices)
    func asks(_ index: Int) throws {
        let (field, test, holds) = Self.conditions[index]
        let routes = try Bench([Self.rule(Self.copy(), when: [ContentCondition(.field(field), test)])]).route()
        #expect(routes.contains("mailbox:luu-tru") == holds)
    }

    @Test("compares texts as they read, however their letters are put together")
    func unicode() throws {
        let bench = try Bench([])
        let subject = try #require(bench.form.text(of: "Subject", in: bench.document))
        var apart = ""
        for scalar in subject.decomposed { apart.unicodeScalars.append(scalar) }
        #expect(!apart.utf8.elementsEqual(subject.utf8))
        let rule = Self.rule(try Self.copy(), when: [ContentCondition(.field("Subject"), .equals(apart))])
        #expect(try Bench([rule]).route().contains("mailbox:luu-tru"))
    }

    @Test("is told in the trace with what does not hold")
    func traced() throws {
        let trace = RouteTrace()
        let rules = [
            Self.rule(try Self.copy(), named: "khan", when: [ContentCondition(.field("Priority"), .equals("3"))]),
            Self.rule(try Self.copy(), named: "moi-van-ban"),
        ]
        _ = try Bench(rules).route(trace)
        let steps = trace.steps.filter { $0.kind == .rule }
        #expect(steps.map(\.subject) == ["khan", "moi-van-ban"])
        #expect(steps.map(\.holds) == [false, true])
        #expect(steps[0].reason.en.contains("Priority equals: 3"))
        #expect(steps[1].destination == "mailbox:luu-tru")
        #expect(trace.steps.contains { $0.kind == .receiver && $0.holds })
    }

    @Test("does not let a sender write to agencies outside its right")
    func receivers() throws {
        let bench = try Bench([])
        let rule = try #require(bench.sender.sendRule(for: .edocDocument))
        func sender(_ scope: ReceiverScope) -> Adapter {
            Adapter(
                system: bench.sender.system, title: bench.sender.title, kind: bench.sender.kind, agencies: bench.sender.agencies,
                speaks: bench.sender.speaks,
                sends: [
                    SendRule(
                        message: rule.message, identity: rule.identity, orderBy: rule.orderBy,
                        receivers: scope
                    )
                ]
            )
        }
        let roots = bench.form.recipients(in: bench.document).compactMap(AgencyCode.init).map(\.root)
        for scope in [ReceiverScope.all, .within(roots)] {
            #expect(throws: Never.self) {
                try bench.router.route(bench.document, form: bench.form, from: sender(scope), named: nil, on: bench.day)
            }
        }
        for (codes, told) in [(["H63"], "H63"), ([], "")] {
            let error = #expect(throws: HubError.self) {
                try bench.router.route(
                    bench.document, form: bench.form, from: sender(.within(codes.compactMap(AgencyCode.init))), named: nil,
                    on: bench.day
                )
            }
            #expect(error?.code == .accessDenied && error?.detail("allowed") == told)
        }
    }
}

extension String {
    /// Letters and their marks apart, for the few that are tried here.
    fileprivate var decomposed: [Unicode.Scalar] {
        let pairs: [Character: String] = [
            "ê": "e\u{302}", "à": "a\u{300}", "á": "a\u{301}", "ô": "o\u{302}", "ư": "u\u{31B}", "ề": "e\u{302}\u{300}",
            "ấ": "a\u{302}\u{301}", "ế": "e\u{302}\u{301}", "ị": "i\u{323}", "ộ": "o\u{302}\u{323}", "ă": "a\u{306}",
        ]
        return self.flatMap { Array((pairs[$0] ?? String($0)).unicodeScalars) }
    }
}
