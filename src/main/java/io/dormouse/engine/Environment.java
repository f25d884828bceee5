package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.loop.Loop;
import io.dormouse.network.Network;

/**
 * What a registry runs in, as one value for every room that needs some of it.
 *
 * @param loop where all state is
 * @param network opens sockets and resolves names
 * @param callbacks where the app's code runs
 * @param settings what holds for all connections
 */
public record Environment(
    Loop loop, Network network, Callbacks callbacks, EngineSettings settings) {}
