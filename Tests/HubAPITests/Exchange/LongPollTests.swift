import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A poller that waits", .timeLimit(.minutes(5)))
struct LongPollTests {
    private typealias Poller = MailboxTests.Poller

    private func document(_ number: Int = 1) -> [UInt8] {
        EdocText.document(to: ["000.00.11.H44"], number: number)
    }

    @Test("is answered as soon as something comes")
    func arrival() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench)
            async let messages = poller.messages("?wait=60")
            try await bench.waitForSleep(1)
            let id = try await bench.accept(self.document())
            #expect(try await messages == [id.description])
            // The clock stood still: it was not the end of the wait that answered.
            #expect(bench.clock.uptime == .zero)
        }
    }

    @Test("is answered with nothing when its wait is over, and not before")
    func end() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench)
            async let reply = poller.reply("?max=5&wait=30")
            try await bench.waitForSleep(1)
            #expect(bench.clock.firstWake == .seconds(30))
            bench.clock.advance(by: .seconds(30))
            #expect(try await reply.status == 200)
            #expect(try await reply.json["deliveries"]?.array?.isEmpty == true)
        }
    }

    @Test("does not wait for what is there")
    func atOnce() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document())
            #expect(try await Poller(bench).messages("?wait=60") == [id.description])
            #expect(bench.clock.slept == 0)
        }
    }

    @Test("is woken by what another gives back, and by a lease that ends")
    func wakes() async throws {
        try await HubBench.run { bench in
            let id = try await bench.accept(self.document())
            let poller = try await Poller(bench)
            _ = try await poller.fetch()
            async let afterNack = poller.messages("?wait=60")
            try await bench.waitForSleep(1)
            #expect(try await poller.settle("\(id).0", "nack").status == 204)
            #expect(try await afterNack == [id.description])
            bench.clock.advance(by: .seconds(20))
            async let afterLease = poller.messages("?wait=60")
            try await bench.waitForSleep(2)
            #expect(bench.clock.firstWake == .seconds(60))
            bench.clock.advance(by: .seconds(40))
            #expect(try await afterLease == [id.description])
        }
    }

    @Test("shares what comes with others that wait, and nobody gets it twice")
    func many() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench)
            async let one = poller.messages("?max=1&wait=60")
            async let two = poller.messages("?max=1&wait=60")
            async let three = poller.messages("?max=1&wait=60")
            try await bench.waitForSleep(3)
            var ids: [String] = []
            for number in 1...3 { ids.append(try await bench.accept(self.document(number)).description) }
            let got = try await [one, two, three]
            #expect(got.map(\.count) == [1, 1, 1])
            #expect(got.flatMap(\.self).sorted() == ids.sorted())
        }
    }

    @Test("and then hangs up takes nothing with it that comes later")
    func hangsUp() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench)
            let connection = try RawConnection(port: bench.exchange.port)
            let bearer = poller.headers[0]
            try await connection.send(
                "GET /v1/mailbox?wait=60 HTTP/1.1\r\nHost: hub\r\n\(bearer.name): \(bearer.value)\r\n\r\n"
            )
            try await bench.waitForSleep(1)
            connection.hangUp()
            // The hub has noticed when nobody sleeps any more.
            _ = try? await bench.eventually("an end of the wait") {
                bench.clock.firstWake == nil ? true : nil
            }
            let id = try await bench.accept(self.document())
            #expect(try await poller.messages() == [id.description])
        }
    }

    @Test("asks again over the same connection")
    func again() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench)
            let connection = try RawConnection(port: bench.exchange.port)
            let bearer = poller.headers[0]
            let request = "GET /v1/mailbox?wait=30 HTTP/1.1\r\nHost: hub\r\n\(bearer.name): \(bearer.value)\r\n\r\n"
            for round in 1...2 {
                try await connection.send(request)
                try await bench.waitForSleep(round)
                bench.clock.advance(by: .seconds(30))
                #expect(try await connection.answer()?.status == 200)
            }
            let id = try await bench.accept(self.document())
            try await connection.send(request)
            let reply = try #require(try await connection.answer())
            #expect(try reply.json["deliveries"]?.array?.first?["message"]?.string == id.description)
        }
    }

    @Test("holds nobody up")
    func others() async throws {
        try await HubBench.run { bench in
            let poller = try await Poller(bench)
            try await withThrowingTaskGroup(of: Int.self) { group async throws in
                for _ in 0..<24 { group.addTask { try await poller.messages("?wait=60").count } }
                try await bench.waitForSleep(24)
                #expect(try await bench.submit(DossierText.sync()).status == 202)
                #expect(try await bench.exchange.get("/livez").status == 200)
                bench.clock.advance(by: .seconds(60))
                #expect(try await group.reduce(0, +) == 0)
            }
        }
    }
}
