internal import HubModel

extension AcceptedMessage {
    /// No message is kept back for longer.
    package static let longestSchedule = Duration.seconds(31 * 86_400)

    /// When a message of priority 4 («hỏa tốc hẹn giờ», DOMAIN 1.7) is to be delivered: the time that its trace header names,
    /// if that lies ahead; `nil` for at once.
    var scheduledFor: Timestamp? {
        guard self.priority == 4, let course = self.course, course.status.isEmpty,
            let local = Timestamp(rfc3339: course.told.replacing("/", with: "-").replacing(" ", with: "T") + "Z")
        else { return nil }
        let time = local.advanced(by: .zero - .seconds(CivilTime.vietnamOffset))
        let ahead = time.since(self.receivedAt)
        return ahead > .zero && ahead <= Self.longestSchedule ? time : nil
    }
}
