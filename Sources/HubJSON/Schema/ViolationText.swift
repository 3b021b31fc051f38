import HubModel

/// What violations say, in both languages.
///
/// Of a value of the document as much appears as `ValueExcerpt` shows; of the schema's own values and of names of members
/// at most twenty characters.
enum ViolationText {
    private static let prefixLength = 20

    static let tooDeep = Bilingual(
        vi: "Lược đồ lồng nhau quá sâu ở chỗ này, không kiểm tra tiếp được.",
        en: "The schema nests too deeply at this place to go on."
    )

    static let tooMuch = Bilingual(
        vi: "Lược đồ đòi hỏi quá nhiều phép kiểm tra cho tài liệu này, không kiểm tra tiếp được.",
        en: "The schema asks too much of this document to go on."
    )

    static func type(_ types: JSONTypes, _ value: JSONValue) -> Bilingual {
        self.expected(
            vi: self.names(types).vi, en: self.names(types).en, found: self.found(value)
        )
    }

    static func values(_ values: [JSONValue], _ value: JSONValue) -> Bilingual {
        let listed = values.prefix(10).map { self.short($0.text) }.joined(separator: ", ")
        let list = listed + (values.count > 10 ? ", …" : "")
        return values.count == 1
            ? self.expected(vi: list, en: list, found: self.found(value))
            : self.expected(vi: "một trong \(list)", en: "one of \(list)", found: self.found(value))
    }

    static func pattern(_ pattern: String, _ value: JSONValue) -> Bilingual {
        let pattern =
            pattern.unicodeScalars.count > 100 ? String(pattern.unicodeScalars.prefix(100)) + "…" : pattern
        return self.expected(
            vi: "văn bản theo mẫu \(pattern)", en: "text like \(pattern)", found: self.found(value))
    }

    static func format(_ format: SchemaFormat, _ value: JSONValue) -> Bilingual {
        self.expected(
            vi: "văn bản dạng \(format.rawValue)", en: "text of the format \(format.rawValue)",
            found: self.found(value)
        )
    }

    static func multiple(of number: JSONNumber, _ value: JSONValue) -> Bilingual {
        self.expected(vi: "bội số của \(number)", en: "a multiple of \(number)", found: self.found(value))
    }

    static func bound(_ bound: NumberBound, _ limit: JSONNumber, _ value: JSONValue) -> Bilingual {
        let (vi, en) =
            switch bound {
            case .minimum: ("ít nhất là", "at least")
            case .maximum: ("nhiều nhất là", "at most")
            case .exclusiveMinimum: ("lớn hơn", "more than")
            case .exclusiveMaximum: ("nhỏ hơn", "less than")
            }
        return self.expected(vi: "số \(vi) \(limit)", en: "a number \(en) \(limit)", found: self.found(value))
    }

    static func count(_ bound: CountBound, _ limit: Int, found count: Int) -> Bilingual {
        let (unitVi, unitEn) =
            switch bound {
            case .minLength, .maxLength: ("ký tự", limit == 1 ? "character" : "characters")
            case .minItems, .maxItems: ("phần tử", limit == 1 ? "element" : "elements")
            case .minProperties, .maxProperties: ("trường", limit == 1 ? "member" : "members")
            }
        let (vi, en) =
            switch bound {
            case .minLength, .minItems, .minProperties: ("ít nhất", "at least")
            case .maxLength, .maxItems, .maxProperties: ("nhiều nhất", "at most")
            }
        return self.expected(
            vi: "\(vi) \(limit) \(unitVi)", en: "\(en) \(limit) \(unitEn)",
            found: Bilingual(vi: "\(count)", en: "\(count)")
        )
    }

    static func contains(atLeast limit: Int, found count: Int) -> Bilingual {
        self.expected(
            vi: "ít nhất \(limit) phần tử phù hợp",
            en: "at least \(limit) matching element\(limit == 1 ? "" : "s")",
            found: Bilingual(vi: "\(count)", en: "\(count)")
        )
    }

    static func contains(atMost limit: Int, found count: Int) -> Bilingual {
        self.expected(
            vi: "nhiều nhất \(limit) phần tử phù hợp",
            en: "at most \(limit) matching element\(limit == 1 ? "" : "s")",
            found: Bilingual(vi: "\(count)", en: "\(count)")
        )
    }

    static func missing(_ key: String) -> Bilingual {
        let key = self.short(key)
        return Bilingual(vi: "Thiếu trường «\(key)».", en: "The member “\(key)” is missing.")
    }

    static func missing(_ key: String, because other: String) -> Bilingual {
        let key = self.short(key)
        let other = self.short(other)
        return Bilingual(
            vi: "Thiếu trường «\(key)», bắt buộc khi có «\(other)».",
            en: "The member “\(key)” is missing; “\(other)” demands it."
        )
    }

    static func notAllowed(at step: SchemaRun.Step?) -> Bilingual {
        switch step {
        case .key(let key)?:
            let key = self.short(key)
            return Bilingual(
                vi: "Không được có trường «\(key)» ở đây.", en: "The member “\(key)” is not allowed here."
            )
        case .index(let index)?:
            return Bilingual(
                vi: "Không được có phần tử thứ \(index + 1) ở đây.",
                en: "Element \(index + 1) is not allowed here."
            )
        case nil:
            return Bilingual(vi: "Không giá trị nào được phép ở đây.", en: "No value is allowed here.")
        }
    }

    static func repeated(first: Int, second: Int) -> Bilingual {
        Bilingual(
            vi:
                "Các phần tử phải khác nhau, nhưng phần tử thứ \(second + 1) trùng với phần tử thứ \(first + 1).",
            en: "Elements must differ, but element \(second + 1) repeats element \(first + 1)."
        )
    }

    static func mustNotFit(_ value: JSONValue) -> Bilingual {
        let found = self.found(value)
        return Bilingual(
            vi: "Không được mang dạng này, nhưng gặp \(found.vi).",
            en: "Must not have this form, but found \(found.en)."
        )
    }

    static func fitsNone(of count: Int, nearest: Int) -> Bilingual {
        Bilingual(
            vi: "Không khớp dạng nào trong \(count) dạng cho phép; gần nhất là dạng thứ \(nearest).",
            en: "Fits none of the \(count) allowed forms; the nearest is form \(nearest)."
        )
    }

    static func fitsSeveral(_ positions: [Int]) -> Bilingual {
        let list = positions.map(String.init).joined(separator: ", ")
        return Bilingual(
            vi: "Phải khớp đúng một dạng, nhưng khớp các dạng \(list).",
            en: "Must fit exactly one form, but fits forms \(list)."
        )
    }

    // MARK: Parts

    private static func expected(vi: String, en: String, found: Bilingual) -> Bilingual {
        Bilingual(vi: "Cần \(vi), nhưng gặp \(found.vi).", en: "Expected \(en), found \(found.en).")
    }

    private static func short(_ text: String) -> String {
        // Control characters have no business in a report.
        let clean = text.unicodeScalars.prefix(Self.prefixLength).map {
            $0.value < 0x20 || $0.value == 0x7f ? "�" : $0
        }
        var result = ""
        result.unicodeScalars.append(contentsOf: clean)
        return text.unicodeScalars.count > Self.prefixLength ? result + "…" : result
    }

    private static func found(_ value: JSONValue) -> Bilingual {
        switch value {
        case .null: Bilingual(vi: "null", en: "null")
        case .bool(let value): Bilingual(vi: "\(value)", en: "\(value)")
        case .number(let number): self.excerpt(vi: "số", en: "the number", ValueExcerpt.shown(number.text))
        case .string(let text):
            self.excerpt(vi: "chuỗi", en: "the string", ValueExcerpt.shown(text, open: "\"", close: "\""))
        case .array(let elements):
            Bilingual(
                vi: "mảng \(elements.count) phần tử",
                en: "an array of \(elements.count) element\(elements.count == 1 ? "" : "s")"
            )
        case .object(let object):
            Bilingual(
                vi: "đối tượng \(object.count) trường",
                en: "an object with \(object.count) member\(object.count == 1 ? "" : "s")"
            )
        }
    }

    private static func excerpt(vi: String, en: String, _ excerpt: Bilingual) -> Bilingual {
        Bilingual(vi: "\(vi) \(excerpt.vi)", en: "\(en) \(excerpt.en)")
    }

    private static func names(_ types: JSONTypes) -> Bilingual {
        var vi: [String] = []
        var en: [String] = []
        let texts: [(JSONTypes, String, String)] = [
            (.string, "chuỗi", "a string"), (.integer, "số nguyên", "a whole number"),
            (.number, "số", "a number"),
            (.boolean, "true/false", "true or false"), (.array, "mảng", "an array"),
            (.object, "đối tượng", "an object"),
            (.null, "null", "null"),
        ]
        for (type, viName, enName) in texts where types.contains(type) {
            vi.append(viName)
            en.append(enName)
        }
        return Bilingual(vi: vi.joined(separator: " hoặc "), en: en.joined(separator: " or "))
    }
}
