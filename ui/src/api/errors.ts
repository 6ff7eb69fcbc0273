export interface Top {
	name: string;
	count: number;
	counts: number[];
}

export interface Sample {
	time: string;
	stream?: string;
	schema_uri?: string;
	kind?: string;
	message: string;
	place?: string;
	keyword?: string;
	count: number;
	event?: string;
}

/** What was refused lately. */
export interface ErrorSummary {
	sources: string[];
	minutes: number;
	from: string;
	seconds: number;
	total: number;
	truncated: boolean;
	counts: number[];
	streams: Top[];
	places: Top[];
	keywords: Top[];
	samples: Sample[];
	replaced: boolean;
}
