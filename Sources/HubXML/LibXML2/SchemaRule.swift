import CLibXML2

/// The rules of XSD validation, as far as they are told apart for people.
enum SchemaRule: Equatable {
    case type, pattern, enumeration, length, minLength, maxLength
    case minInclusive, maxInclusive, minExclusive, maxExclusive, totalDigits, fractionDigits
    case attributeMissing, attributeUnknown, fixedValue
    /// The order and number of child elements.
    case content
    case emptyContent, textInElementContent, elementInSimpleContent
    case notNillable, nilWithContent, abstractType
    case noDeclaration
    case identity
    case other(code: Int32)

    /// From the library's error number.
    init(code: Int32) {
        self =
            switch xmlParserErrors(UInt32(bitPattern: code)) {
            case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1, XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2,
                XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3:
                .type
            case XML_SCHEMAV_CVC_TYPE_3_1_2, XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2: .elementInSimpleContent
            case XML_SCHEMAV_CVC_LENGTH_VALID: .length
            case XML_SCHEMAV_CVC_MINLENGTH_VALID: .minLength
            case XML_SCHEMAV_CVC_MAXLENGTH_VALID: .maxLength
            case XML_SCHEMAV_CVC_MININCLUSIVE_VALID: .minInclusive
            case XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID: .maxInclusive
            case XML_SCHEMAV_CVC_MINEXCLUSIVE_VALID: .minExclusive
            case XML_SCHEMAV_CVC_MAXEXCLUSIVE_VALID: .maxExclusive
            case XML_SCHEMAV_CVC_TOTALDIGITS_VALID: .totalDigits
            case XML_SCHEMAV_CVC_FRACTIONDIGITS_VALID: .fractionDigits
            case XML_SCHEMAV_CVC_PATTERN_VALID: .pattern
            case XML_SCHEMAV_CVC_ENUMERATION_VALID: .enumeration
            case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1: .emptyContent
            case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3: .textInElementContent
            case XML_SCHEMAV_CVC_ELT_1: .noDeclaration
            case XML_SCHEMAV_CVC_ELT_3_1: .notNillable
            case XML_SCHEMAV_CVC_ELT_3_2_1: .nilWithContent
            case XML_SCHEMAV_CVC_ELT_5_2_2_2_1, XML_SCHEMAV_CVC_ELT_5_2_2_2_2, XML_SCHEMAV_CVC_AU: .fixedValue
            case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_1, XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1,
                XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
                .attributeUnknown
            case XML_SCHEMAV_CVC_COMPLEX_TYPE_4: .attributeMissing
            case XML_SCHEMAV_ELEMENT_CONTENT: .content
            case XML_SCHEMAV_CVC_TYPE_2: .abstractType
            case XML_SCHEMAV_CVC_IDC: .identity
            default: .other(code: code)
            }
    }

    /// The validation rule's name in the XSD recommendation.
    var name: String {
        switch self {
        case .type: "cvc-datatype-valid.1"
        case .pattern: "cvc-pattern-valid"
        case .enumeration: "cvc-enumeration-valid"
        case .length: "cvc-length-valid"
        case .minLength: "cvc-minLength-valid"
        case .maxLength: "cvc-maxLength-valid"
        case .minInclusive: "cvc-minInclusive-valid"
        case .maxInclusive: "cvc-maxInclusive-valid"
        case .minExclusive: "cvc-minExclusive-valid"
        case .maxExclusive: "cvc-maxExclusive-valid"
        case .totalDigits: "cvc-totalDigits-valid"
        case .fractionDigits: "cvc-fractionDigits-valid"
        case .attributeMissing: "cvc-complex-type.4"
        case .attributeUnknown: "cvc-complex-type.3.2.2"
        case .fixedValue: "cvc-au"
        case .content: "cvc-complex-type.2.4"
        case .emptyContent: "cvc-complex-type.2.1"
        case .textInElementContent: "cvc-complex-type.2.3"
        case .elementInSimpleContent: "cvc-type.3.1.2"
        case .notNillable: "cvc-elt.3.1"
        case .nilWithContent: "cvc-elt.3.2.1"
        case .abstractType: "cvc-type.2"
        case .noDeclaration: "cvc-elt.1"
        case .identity: "cvc-identity-constraint"
        case .other(let code): "xsd-\(code)"
        }
    }
}
