package io.dormouse.engine;

import io.dormouse.connection.RetryPolicy;
import io.dormouse.network.Reach;
import java.time.Duration;

/**
 * What holds for all connections of a registry.
 *
 * @param suspendBudget within which a suspend settles
 * @param closeTimeout the most that a peer has to answer a close handshake
 * @param maxConcurrentConnects how many connections connect at the same time
 * @param minUptime a shorter session does not clear the count of failures
 * @param sendQueueBytes bound on accepted sends per connection that are not written
 * @param unreadBytes bound on received bytes per connection that the app has not taken
 * @param retryPolicy decides for connections that have no policy of their own
 * @param reach how hosts are found and reached, as far as connections don't say otherwise
 */
public record EngineSettings(
    Duration suspendBudget,
    Duration closeTimeout,
    int maxConcurrentConnects,
    Duration minUptime,
    long sendQueueBytes,
    long unreadBytes,
    RetryPolicy retryPolicy,
    Reach reach) {}
