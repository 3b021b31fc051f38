internal import HubJSON
internal import HubModel
internal import HubSchema
internal import HubXML

extension Document {
    /// Parses what somebody has in a file: XML if it begins like that, JSON otherwise.
    ///
    /// - Throws: What parsing refuses.
    init(bytes: [UInt8]) throws(HubError) {
        let isXML = bytes.first { $0 > 0x20 } == 0x3C || bytes.starts(with: [0xEF, 0xBB, 0xBF, 0x3C])
        self = isXML ? .xml(try XMLDocument.parse(bytes)) : .json(try JSONDocument.parse(bytes))
    }
}
