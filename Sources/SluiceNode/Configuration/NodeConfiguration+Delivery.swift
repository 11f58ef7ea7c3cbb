internal import SluiceCore

extension NodeConfiguration {
    /// The retry policy of the configuration.
    var deliveryPolicy: DeliveryPolicy {
        var policy = DeliveryPolicy()
        policy.attemptsMax = delivery.attemptsMax
        policy.firstRetryMilliseconds = Int64(delivery.firstRetryMilliseconds)
        policy.retryMillisecondsMax = Int64(delivery.retryMillisecondsMax)
        return policy
    }
}
