"""The endpoints of `ProvidersApi`, and recommendations."""

from __future__ import annotations

from starlette.requests import Request

from padan.app.errors import NotYours
from padan.app.licensing import licence
from padan.app.ports import Ports
from padan.domain.environment import Environment, EnvironmentKind
from padan.domain.provider import Health, ProviderContract
from padan.web.api import types
from padan.web.api.reading import decode, query_bool


async def list_providers(ports: Ports, environment: Environment, request: Request) -> types.ProviderList:
    """All providers of this server, or those that are (not) activated for the environment."""
    wanted = query_bool(request, "licensed")
    bodies = [await _body(ports, environment, provider.contract) for provider in ports.providers.values()]
    return types.ProviderList([b for b in bodies if wanted is None or b.licensed == wanted])


async def get_provider(ports: Ports, environment: Environment, request: Request) -> types.ProviderAnswer:
    """One provider."""
    provider = ports.providers.get(request.path_params["provider_id"])
    if provider is None:
        raise NotYours
    return types.ProviderAnswer(await _body(ports, environment, provider.contract))


async def recommend(ports: Ports, environment: Environment, request: Request) -> types.Recommendation:
    """The profile's providers, those first that suit what is known of the person.

    IP addresses are not looked up: no location service is asked about people.
    """
    body = await decode(request, types.RecommendRequest)
    profile = await ports.directory.profile(environment.id, body.verification_profile_id)
    if profile is None:
        raise NotYours
    info = body.recommendation_info or types.RecommendationInfo()
    health = body.health or types.HealthFilter.ALL
    suited: list[types.RecommendedProvider] = []
    others: list[types.RecommendedProvider] = []
    for name in profile.enabled_providers:
        if name not in ports.providers or not (await licence(ports, environment.kind, name)).permits:
            continue
        contract = ports.providers[name].contract
        entry = await _recommended(ports, environment, contract)
        if health in {types.HealthFilter.ALL, entry.health}:
            (suited if _suits(contract, info) else others).append(entry)
    return types.Recommendation(suited, others)


def _suits(contract: ProviderContract, info: types.RecommendationInfo) -> bool:
    countries = {country.upper() for country in info.countries or ()}
    if not countries and not info.phone_number:
        return True
    phone = (info.phone_number or "").replace(" ", "").replace("-", "")
    return bool(countries & set(contract.countries)) or (
        "ID" in contract.countries and phone.startswith("+62")
    )


async def _health(ports: Ports, kind: EnvironmentKind, provider: str) -> Health:
    """Whether a verification can be expected to run now: it is permitted, and the registry answers."""
    if not (await licence(ports, kind, provider)).permits:
        return Health.OFFLINE
    return ports.lines.health(kind, ports.clock())


def _logo(ports: Ports, contract: ProviderContract) -> str:
    return ports.public_url + contract.logo_path


async def _recommended(
    ports: Ports, environment: Environment, contract: ProviderContract
) -> types.RecommendedProvider:
    return types.RecommendedProvider(
        id=contract.id,
        name=contract.name,
        logo_url=_logo(ports, contract),
        subtext=contract.subtext,
        health=await _health(ports, environment.kind, contract.id),
        regions=list(contract.regions),
        countries=list(contract.countries),
        subdivisions=list(contract.subdivisions),
    )


async def _body(ports: Ports, environment: Environment, contract: ProviderContract) -> types.ProviderBody:
    return types.ProviderBody(
        id=contract.id,
        name=contract.name,
        logo_url=_logo(ports, contract),
        subtext=contract.subtext,
        description=contract.description,
        geography=list(contract.regions),
        regions=list(contract.regions),
        countries=list(contract.countries),
        subdivisions=list(contract.subdivisions),
        licensed=(await licence(ports, environment.kind, contract.id)).permits,
        launch_method=contract.launch_method,
        collection_method=contract.collection_method,
        results_may_be_delayed_after_redirect=False,
        has_refreshable_content=False,
        requires_input=contract.requires_input,
        has_trinsic_interface=True,
        supports_direct_provider_sessions=True,
        supported_languages=[types.LanguageBody(item.code, item.label) for item in contract.languages],
        available_attributes=[types.Attribute(scope, when) for scope, when in contract.attributes],
        available_attachments=[],
        sub_providers=[],
        live_health=await _health(ports, EnvironmentKind.LIVE, contract.id),
        test_health=await _health(ports, EnvironmentKind.TEST, contract.id),
    )
