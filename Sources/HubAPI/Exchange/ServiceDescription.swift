internal import HubCore
internal import HubJSON
internal import HubModel
internal import HubSchema

/// A service as callers see it in the catalogue: its contract, and the same as OpenAPI 3.1.
struct ServiceDescription {
    let offered: OfferedService
    /// The schemas of the contract, as they stand in the files.
    let contracts: Contracts
    let day: CivilDate

    private var service: ProvidedService { self.offered.service }

    /// - Parameters:
    ///   - isAllowed: Whether the asking system may call it.
    ///   - isWhole: With the schemas.
    func json(isAllowed: Bool, subscription: ApprovalBook.State?, isWhole: Bool) -> JSONValue {
        let terms = self.service.terms
        var object: JSONObject = [
            "service": .string(self.service.service), "title": .string(self.service.title.en),
            "title_vi": .string(self.service.title.vi), "provider": .string(self.offered.provider.system.description),
            "state": .string(terms.state(on: self.day).rawValue), "environment": .string(terms.environment.rawValue),
            "request": .string(self.service.request.description),
            "approval": terms.needsApproval ? "required" : "none", "confidential": .bool(self.service.isConfidential),
            "allowed": .bool(isAllowed),
        ]
        object["version"] = self.service.service.split(separator: "/").last.map { .string(String($0)) }
        object["owner"] = terms.owner.map { .string($0.text) }
        object["reply"] = self.service.reply.map { .string($0.description) }
        object["until"] = terms.until.map { .string($0.description) }
        object["successor"] = terms.successor.map { .string($0) }
        object["source"] = terms.source.map { .string($0.rawValue) }
        object["subscription"] = subscription.map { .string($0.rawValue) }
        object["limits"] = terms.limits.map { limits in
            var object: JSONObject = [
                "rate": .init(integerLiteral: limits.rate), "burst": .init(integerLiteral: limits.burst),
            ]
            object["per_day"] = limits.perDay.map { .init(integerLiteral: $0) }
            return .object(object)
        }
        guard isWhole else { return .object(object) }
        object["call"] = .object(["method": "POST", "path": .string("/v1/services/" + self.service.service)])
        object["schemas"] = .object(self.schemas)
        object["openapi"] = .string("/v1/services/\(self.service.service)?format=openapi")
        return .object(object)
    }

    /// The types of request and reply, and those that their schemas use.
    private var types: [MessageType] {
        let named = self.service.types
        return named + self.contracts.schemas.used(by: named).filter { !named.contains($0) }
    }

    /// Their schemas; of XML types the text of the XSD.
    private var schemas: JSONObject {
        var schemas = JSONObject()
        for type in self.types {
            guard let bytes = self.contracts.schemaTexts[type] else { continue }
            schemas[type.description] = (try? JSONDocument.parse(bytes))?.value ?? .string(String(decoding: bytes, as: UTF8.self))
        }
        return schemas
    }

    /// What the schema of a type is called among the components of OpenAPI.
    private func component(_ type: MessageType) -> String { type.description.replacing("/", with: ".") }

    /// OpenAPI 3.1, whose schemas are those of JSON Schema 2020-12.
    ///
    /// - Parameter server: Scheme, host and port by which the caller reached the hub.
    func openAPI(server: String) -> JSONValue {
        let terms = self.service.terms
        let schemas = self.schemas
        let components = SchemaComponents(
            self.types.compactMap { type in
                schemas[type.description].flatMap { $0.string == nil ? $0 : nil }.map { schema in
                    SchemaComponents.Source(
                        name: self.component(type), uri: type.schemaURN, value: schema,
                        draft: self.contracts.schemas.entry(of: type)?.draft ?? .draft2020)
                }
            })
        func content(_ type: MessageType?) -> JSONValue {
            let media = type.flatMap { self.contracts.mediaType(of: $0) } ?? "application/json"
            let schema: JSONValue
            switch type.flatMap({ schemas[$0.description] }) {
            case .string: schema = .object(["type": "string"])
            case .some: schema = SchemaComponents.reference(to: type.map(self.component) ?? "")
            case nil: schema = .object([:])
            }
            return .object([media: .object(["schema": schema])])
        }
        func header(_ text: String, isRequired: Bool) -> JSONValue {
            .object(["description": .string(text), "required": .bool(isRequired), "schema": .object(["type": "string"])])
        }
        var operation: JSONObject = [
            "operationId": .string(self.service.service.split(separator: "/").joined(separator: "-")),
            "summary": .string(self.service.title.en), "description": .string(self.service.title.vi),
            "security": .array([.object(["oauth2": .array([])])]),
            "parameters": .array([
                .object([
                    "name": "Lgsp-Signature", "in": "header", "required": true,
                    "description": "Detached JWS (RFC 7515, RFC 7797) over the body, with a registered key of the caller.",
                    "schema": .object(["type": "string"]),
                ]),
                .object([
                    "name": "Lgsp-Correlation-Id", "in": "header", "required": false,
                    "description": "Goes on to the provider as the id of the request.", "schema": .object(["type": "string"]),
                ]),
            ]),
            "requestBody": .object(["required": true, "content": content(self.service.request)]),
        ]
        if terms.state(on: self.day) == .deprecated { operation["deprecated"] = true }
        let problem: JSONValue = .object([
            "description": "A problem (RFC 9457) with a stable code.",
            "content": .object(["application/problem+json": .object(["schema": SchemaComponents.reference(to: "Problem")])]),
        ])
        operation["responses"] = .object([
            "200": .object([
                "description": "The reply.",
                "headers": .object([
                    "Lgsp-Message-Id": header("Under which request and reply are journaled.", isRequired: true),
                    "Lgsp-Signature": header("Detached JWS of the hub over the reply.", isRequired: true),
                ]),
                "content": content(self.service.reply),
            ]),
            "401": problem, "403": problem, "404": problem, "410": problem, "422": problem, "429": problem, "502": problem,
            "503": problem,
        ])
        return .object([
            "openapi": "3.1.0",
            "info": .object([
                "title": .string(self.service.title.en),
                "version": .string(String(self.service.service.split(separator: "/").last ?? "1")),
                "description": .string(self.service.title.vi),
            ]),
            "servers": .array([.object(["url": .string(server)])]),
            "paths": .object([
                "/v1/services/\(self.service.service)": .object(["post": .object(operation)])
            ]),
            "components": .object([
                "securitySchemes": .object([
                    "oauth2": .object([
                        "type": "oauth2",
                        "flows": .object([
                            "clientCredentials": .object(["tokenUrl": .string(server + "/oauth2/token"), "scopes": .object([:])])
                        ]),
                    ])
                ]),
                "schemas": .object(JSONObject(components.schemas.members + [(key: "Problem", value: Self.problem)])),
            ]),
        ])
    }

    private static let problem: JSONValue = .object([
        "type": "object",
        "properties": .object([
            "type": .object(["type": "string"]), "title": .object(["type": "string"]),
            "title_vi": .object(["type": "string"]), "status": .object(["type": "integer"]),
            "code": .object(["type": "string"]), "detail": .object(["type": "string"]),
            "advice": .object(["type": "string"]),
        ]),
        "required": .array(["type", "title", "status", "code"]),
    ])
}
