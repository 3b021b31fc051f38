import HubAPI
import HubAdapters
import HubCore
import HubModel
import HubSchema

/// How a test wants its hub; the defaults are those of a hub in which all is well.
struct HubSettings: Sendable {
    typealias Gauge = (name: String, help: String, labels: String, value: Double)

    var bodyLimit = 256 << 10
    /// In which a body must have come.
    var bodyTime = Duration.seconds(60)
    /// Of all bodies under way together.
    var bodiesLimit = 4 << 20
    /// How far the clock of a system of the document axis may be off.
    var skew = Duration.seconds(300)
    /// Whether there is a connection to the national platform.
    var isConnected = true
    /// Who answers look-ups.
    var provider: (any ServiceProvider)?
    var checks: @Sendable () async -> [ReadinessCheck] = { [] }
    var gauges: @Sendable () async -> [Gauge] = { [] }
    /// Adapters beside those of the repository; one for a system that is there takes its place.
    var adapters: [Adapter] = []
    /// Types of messages instead of those of the repository.
    var types: (schemas: SchemaCatalogue, forms: FormCatalogue)?
    /// Takes the messages instead of the journal in memory.
    var journal: (any Journal)?
}
