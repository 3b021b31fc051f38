internal import Foundation
internal import HubCore
internal import HubModel

/// One delivery as a mail (RFC 5322, MIME): what is known about it in the header, the payload in base64.
///
/// What stands in the message of a sender is data: whatever it contains, it ends in the field it belongs to. Lines end
/// in LF, as everywhere in a Maildir.
struct MailMessage {
    let bytes: [UInt8]

    /// - Throws: `intake.too_large` for a payload that is not held as a whole: no mail program takes so large a mail.
    init(_ parcel: Parcel, to system: SystemID, domain: String) throws(HubError) {
        let payload = try parcel.payload.whole()
        let delivery = parcel.delivery
        var text = ""
        func add(_ name: String, _ value: String) { text += HeaderText.field(name, value) }
        add("Date", Self.date(delivery.acceptedAt))
        add("From", "lgsp-hub@\(domain)")
        // In quotes, because a name such as a..b is none that an address may have without.
        add("To", "\"\(system)\"@\(domain)")
        add("Message-ID", "<\(delivery.id)@\(domain)>")
        add("Subject", delivery.plan.type.description)
        add("MIME-Version", "1.0")
        add("Content-Type", Self.mediaType(parcel.contentType))
        add("Content-Transfer-Encoding", "base64")
        add("Lgsp-Message-Id", delivery.id.message.description)
        add("Lgsp-Delivery-Id", delivery.id.description)
        add("Lgsp-Service", delivery.plan.type.description)
        add("Lgsp-Content-Type", parcel.contentType)
        add("Lgsp-From", delivery.agency)
        add("Lgsp-To", delivery.plan.recipient)
        add("Lgsp-Sender", delivery.sender.description)
        if !delivery.correlation.isEmpty { add("Lgsp-Correlation-Id", delivery.correlation) }
        if !parcel.signature.isEmpty { add("Lgsp-Signature", parcel.signature) }
        text += "\n"
        text += Data(payload).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
        text += "\n"
        self.bytes = Array(text.utf8)
    }

    /// The content type as it came if mail programs can read it, which do not know encoded words there.
    private static func mediaType(_ text: String) -> String {
        let isPlain = text.utf8.count <= 200 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        let parts = text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
        let isType = parts.count == 2 && parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isLetter || $0.isNumber || "!#$&^_.+-".contains($0) }
        }
        return isPlain && isType ? text : "application/octet-stream"
    }

    /// Such as `Fri, 15 Mar 2024 08:15:00 +0000`.
    private static func date(_ time: Timestamp) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss +0000"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(time.nanoseconds / 1_000_000_000)))
    }
}
