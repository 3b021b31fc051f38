internal import DequeModule
internal import HubModel

/// What the queue keeps of its lanes.
extension LaneQueue {
    struct Lane {
        var waiting: Deque<PendingDelivery> = []
        var isBusy = false
        /// Of uptime; the head is not to be tried before.
        var notBefore: Duration?
        /// Whether the receiver asked for that wait.
        var isAsked = false
        /// Whether the head was shown to someone and nothing may get before it.
        var isHeld = false
        /// Where in `ready` the lane stands.
        var urgency: Int?
    }

    struct Head {
        let position: DeliveryPosition
        let lane: String
    }

    struct Wake: Comparable {
        let at: Duration
        let lane: String

        static func < (left: Wake, right: Wake) -> Bool { left.at < right.at }
    }
}
